// A client of a mounted tree, and the same on a directory in memory: "<operation> mount" or "<operation> tmpfs".
//   stat       of a file
//   open       a file is opened, read to its end and closed
//   read       the first page of an open file, anew each time
//   write      a line of schemata to an open file, another mask each time
//   readdir    a directory is opened, read to its end and closed
// The checksum is over what was seen: mode, text, names; after writing over the mask that the file then shows.
// arguments: operations of a turn, the mounted directory, the other one. Both have schemata, web and web/schemata
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "twin.h"

static uint32_t operations;
static const char *mounted, *plain;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint32_t over(uint32_t h, const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) h = hash_add(h, (uint8_t)text[i]);
  return h;
}

static uint32_t stats(const char *path) {
  struct stat found;
  for (uint32_t i = 0; i < operations; i++)
    if (stat(path, &found)) fail(path);
  return mix(found.st_mode);
}

static uint32_t opens(const char *path) {
  char text[4096];
  ssize_t length = 0;
  for (uint32_t i = 0; i < operations; i++) {
    int file = open(path, O_RDONLY);
    if (file < 0) fail(path);
    length = read(file, text, sizeof text);
    char more;
    if (length < 0 || read(file, &more, 1) != 0) fail(path);
    close(file);
  }
  return over(mix(1), text, (size_t)length);
}

static uint32_t reads(const char *path) {
  char text[4096];
  ssize_t length = 0;
  int file = open(path, O_RDONLY);
  if (file < 0) fail(path);
  for (uint32_t i = 0; i < operations; i++) {
    length = pread(file, text, sizeof text, 0);
    if (length < 0) fail(path);
  }
  close(file);
  return over(mix(2), text, (size_t)length);
}

static uint32_t writes(const char *path) {
  static const char *const lines[] = {"L3:0=f\n", "L3:0=f0\n"};
  int file = open(path, O_RDWR);
  if (file < 0) fail(path);
  for (uint32_t i = 0; i < operations; i++) {
    const char *line = lines[i & 1];
    if (pwrite(file, line, strlen(line), 0) != (ssize_t)strlen(line)) fail(path);
  }
  char text[4096];
  ssize_t length = pread(file, text, sizeof text - 1, 0);
  if (length < 0) fail(path);
  text[length] = 0;
  const char *mask = strstr(text, "L3:0=");
  if (!mask) fail("no mask");
  close(file);
  return (uint32_t)strtoul(mask + 5, NULL, 16);
}

/** Names come in any order. */
static uint32_t lists(const char *path) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < operations; i++) {
    DIR *directory = opendir(path);
    if (!directory) fail(path);
    sum = 0;
    for (struct dirent *entry; (entry = readdir(directory));)
      sum += over(mix(entry->d_type), entry->d_name, strlen(entry->d_name));
    closedir(directory);
  }
  return sum;
}

static uint32_t turn(const char *words, uint64_t *ns) {
  char operation[16], where[16], path[4096];
  if (sscanf(words, "%15s %15s", operation, where) != 2) fail("two words are expected");
  const char *directory = strcmp(where, "mount") == 0 ? mounted : plain;
  int below = strcmp(operation, "write") == 0;
  int whole = strcmp(operation, "readdir") == 0;
  snprintf(path, sizeof path, "%s/%s", directory, whole ? "web" : below ? "web/schemata" : "schemata");
  uint64_t start = now_ns();
  uint32_t checksum = strcmp(operation, "stat") == 0   ? stats(path)
                      : strcmp(operation, "open") == 0 ? opens(path)
                      : strcmp(operation, "read") == 0 ? reads(path)
                      : below                          ? writes(path)
                                                       : lists(path);
  *ns = now_ns() - start;
  return checksum;
}

int main(int argc, char **argv) {
  operations = argument(argc, argv, 1);
  if (argc < 4) fail("directories are missing");
  mounted = argv[2];
  plain = argv[3];
  return serve_turns(turn);
}
