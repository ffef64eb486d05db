// The integer names of AssemblyScript, for the register pages that both compilers read.

declare type u32 = number;
declare type i32 = number;
