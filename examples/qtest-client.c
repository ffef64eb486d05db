// A client of mpam serve in C: registers, a monitor, the clock and an interrupt over the text protocol of qtest (docs/serving.md).
//
//   cc -O2 -Wall -o qtest-client examples/qtest-client.c
//   mpam serve --qtest /tmp/machine --replay synth:stream,ws=1G,n=1000,gap=1000 --speed 0 &
//   ./qtest-client /tmp/machine
//
// It says what it does, and ends with 1 at the first thing that is not as it should be on platforms/one-socket.yaml.

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// The page of the L3, as the platform file has it.
#define PAGE 0x141000000ULL

// Offsets of Arm IHI 0099.
#define MPAMF_IDR 0x0000
#define MPAMF_AIDR 0x0020
#define MPAMF_ECR 0x00f0
#define MPAMF_ESR 0x00f8
#define MPAMCFG_PART_SEL 0x0100
#define MSMON_CFG_MON_SEL 0x0800
#define MSMON_CFG_MBWU_FLT 0x0820
#define MSMON_CFG_MBWU_CTL 0x0828
#define MSMON_MBWU_L 0x0880
#define MPAMCFG_CPBM 0x1000

#define CTL_EN (1u << 31)
#define CTL_MATCH_PARTID (1u << 16)

static FILE *in;
static int out;
static int irq_line = -1;
static int irq_level;

static void fail(const char *format, ...)
{
	va_list words;

	va_start(words, format);
	fprintf(stderr, "qtest-client: ");
	vfprintf(stderr, format, words);
	fprintf(stderr, "\n");
	va_end(words);
	exit(1);
}

static void connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		fail("%s: too long for a socket", path);
	strcpy(address.sun_path, path);
	out = socket(AF_UNIX, SOCK_STREAM, 0);
	if (out < 0 || connect(out, (struct sockaddr *)&address, sizeof(address)))
		fail("%s: cannot be reached", path);
	in = fdopen(out, "r");
}

// One command; what follows OK is left in `reply`. Interrupts may be told in between.
static void ask(char reply[256], const char *format, ...)
{
	char line[256], answer[256];
	va_list words;
	int length;

	va_start(words, format);
	length = vsnprintf(line, sizeof(line) - 1, format, words);
	va_end(words);
	line[length++] = '\n';
	if (write(out, line, length) != length)
		fail("the server is gone");
	for (;;) {
		int number;

		if (!fgets(answer, sizeof(answer), in))
			fail("the server is gone");
		answer[strcspn(answer, "\n")] = 0;
		if (sscanf(answer, "IRQ raise %d", &number) == 1) {
			irq_line = number;
			irq_level = 1;
		} else if (sscanf(answer, "IRQ lower %d", &number) == 1) {
			irq_line = number;
			irq_level = 0;
		} else {
			break;
		}
	}
	line[length - 1] = 0;
	if (strncmp(answer, "OK", 2))
		fail("%s: %s", line, answer);
	if (reply)
		strcpy(reply, answer[2] == ' ' ? answer + 3 : "");
}

static uint32_t read32(unsigned offset)
{
	char reply[256];

	ask(reply, "readl 0x%" PRIx64, PAGE + offset);
	return strtoull(reply, NULL, 0);
}

static uint64_t read64(unsigned offset)
{
	char reply[256];

	ask(reply, "readq 0x%" PRIx64, PAGE + offset);
	return strtoull(reply, NULL, 0);
}

static void write32(unsigned offset, uint32_t value)
{
	ask(NULL, "writel 0x%" PRIx64 " 0x%" PRIx32, PAGE + offset, value);
}

static void expect(const char *what, uint64_t found, uint64_t expected)
{
	if (found != expected)
		fail("%s is 0x%" PRIx64 ", and 0x%" PRIx64 " was expected", what, found, expected);
	printf("%s is 0x%" PRIx64 "\n", what, found);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void identify(void)
{
	expect("MPAMF_AIDR", read32(MPAMF_AIDR), 0x11);
	// PARTIDs to 15 in bits 15:0.
	expect("MPAMF_IDR.PARTID_MAX", read32(MPAMF_IDR) & 0xffff, 15);
	expect("MPAMF_IDR, whole, in its lower half", (uint32_t)read64(MPAMF_IDR), read32(MPAMF_IDR));
}

static void partition(void)
{
	write32(MPAMCFG_PART_SEL, 5);
	write32(MPAMCFG_CPBM, 0x00f0);
	write32(MPAMCFG_PART_SEL, 6);
	expect("MPAMCFG_CPBM of PARTID 6", read32(MPAMCFG_CPBM), 0xffff);
	write32(MPAMCFG_PART_SEL, 5);
	expect("MPAMCFG_CPBM of PARTID 5", read32(MPAMCFG_CPBM), 0x00f0);
}

// The traces that run meanwhile have PARTID 0: a line of 64 bytes every microsecond, each for the first time.
static void monitor(void)
{
	uint64_t before;
	char now[256];

	write32(MSMON_CFG_MON_SEL, 3);
	write32(MSMON_CFG_MBWU_FLT, 0);
	write32(MSMON_CFG_MBWU_CTL, CTL_EN | CTL_MATCH_PARTID);
	before = read64(MSMON_MBWU_L);
	ask(now, "clock_step 100000");
	expect("the clock", strtoull(now, NULL, 0), 100000);
	expect("what MSMON_MBWU_L has counted", read64(MSMON_MBWU_L) - before, 100 * 64);
}

static void interrupt(void)
{
	ask(NULL, "irq_intercept_in /machine");
	write32(MPAMF_ECR, 1);
	if (irq_line >= 0)
		fail("line %d changed too early", irq_line);
	write32(MPAMCFG_PART_SEL, 16);
	expect("the line that went up", irq_level ? irq_line : -1, 44);
	expect("MPAMF_ESR.ERRCODE", read32(MPAMF_ESR) >> 24 & 0xf, 1);
	write32(MPAMF_ESR, 0);
	expect("the line that went down", irq_level ? -1 : irq_line, 44);
}

static void measure(void)
{
	const int times = 20000;
	double began = seconds();
	int i;

	for (i = 0; i < times; i++)
		read32(MPAMF_IDR);
	printf("%.0f reads a second\n", times / (seconds() - began));
}

int main(int count, char *words[])
{
	if (count != 2)
		fail("usage: qtest-client SOCKET");
	connect_to(words[1]);
	identify();
	partition();
	monitor();
	interrupt();
	measure();
	return 0;
}
