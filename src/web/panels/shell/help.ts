// What `help` prints.

export const HELP = `This is the resctrl tree of the machine in this page, at /sys/fs/resctrl.

  ls [-l] [-R]           what there is           cat FILE...     what a file says
  mkdir web              a group                 rmdir web       and gone again
  echo TEXT > FILE       a write                 mv a b          a group gets another name
  cd, pwd                where we are            grep, head, tail, sort, wc
  watch -n 1 cat FILE    again and again         clear, sleep

Quotes, * ? [a-z] {a,b}, ; && || |, $? and "for x in *; do ...; done" work as in bash.
Tab completes, arrow up and down go through what was typed, Ctrl-C ends what runs, Ctrl-L clears.

Try:  cat schemata
      mkdir web && echo "L3:0=f" > web/schemata
      grep . mon_data/*/llc_occupancy
      echo "L3:0=0" > schemata
`;
