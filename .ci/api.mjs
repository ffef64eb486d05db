// What the package exports is documented, and so is every public member of its classes; every type that an export mentions is
// exported too: node .ci/api.mjs. Ends with 1 and a line for each that is not.

import { readdirSync, readFileSync } from "node:fs";
import { Application, ReflectionKind, TSConfigReader, TypeDocReader } from "typedoc";

const sources = new URL("../src/", import.meta.url);
const files = readdirSync(sources, { recursive: true }).filter((name) => name.endsWith(".ts"));
const texts = files.map((name) => readFileSync(new URL(name, sources), "utf8"));
const classes = new Set(texts.flatMap((text) => [...text.matchAll(/^export class (\w+)/gm)].map(([, name]) => name)));

const app = await Application.bootstrapWithPlugins({ emit: "none" }, [new TypeDocReader(), new TSConfigReader()]);
const project = await app.convert();
if (!project) process.exit(1);
app.validate(project);
// A class that is exported as a type looks like an interface; and what is an interface names its properties well, or says more.
const isOfClass = ({ parent }) => parent?.kindOf(ReflectionKind.Class) || classes.has(parent?.name);
const bare = project
  .getReflectionsByKind(ReflectionKind.Property)
  .filter((one) => isOfClass(one) && !one.inheritedFrom && !one.flags.isPrivate)
  .filter((one) => !one.hasComment() && !one.type?.declaration?.hasComment());
for (const one of bare) app.logger.validationWarning(`${one.getFullName()} (Property) does not have any documentation`);
const { errorCount, warningCount } = app.logger;
if (errorCount + warningCount > 0) process.exitCode = 1;
else
  console.log(
    `api: ${project.getReflectionsByKind(ReflectionKind.SomeExport).length} exports, documented and complete`,
  );
