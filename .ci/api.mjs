// What the package exports is documented, and so is every public member of its classes; every type that an export mentions is
// exported too: node .ci/api.mjs. Ends with 1 and a line for each that is not.

import { Application, ReflectionKind, TSConfigReader, TypeDocReader } from "typedoc";

const app = await Application.bootstrapWithPlugins({ emit: "none" }, [new TypeDocReader(), new TSConfigReader()]);
const project = await app.convert();
if (!project) process.exit(1);
app.validate(project);
const bare = project
  .getReflectionsByKind(ReflectionKind.Property)
  .filter((one) => one.parent?.kindOf(ReflectionKind.Class) && !one.inheritedFrom && !one.flags.isPrivate)
  .filter((one) => !one.hasComment() && !one.type?.declaration?.hasComment());
for (const one of bare) app.logger.validationWarning(`${one.getFullName()} (Property) does not have any documentation`);
const { errorCount, warningCount } = app.logger;
if (errorCount + warningCount > 0) process.exitCode = 1;
else
  console.log(
    `api: ${project.getReflectionsByKind(ReflectionKind.SomeExport).length} exports, documented and complete`,
  );
