/*
 * The process of a sandbox: holds the pod's namespaces, reaps orphans when it is PID 1 of a shared
 * PID namespace, ends on SIGTERM or SIGINT. Freestanding, so that a compiler is all it needs.
 */
#if defined(__x86_64__)
#define NR_EXIT 60
#define NR_WAIT4 61
#define NR_SIGPROCMASK 14
#define NR_SIGTIMEDWAIT 128
static long call(long n, long a, long b, long c, long d)
{
	long result;
	register long r10 __asm__("r10") = d;
	__asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
#define NR_EXIT 93
#define NR_WAIT4 260
#define NR_SIGPROCMASK 135
#define NR_SIGTIMEDWAIT 137
static long call(long n, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}
#else
#error "pause knows x86-64 and arm64 only"
#endif

#define SIGINT 2
#define SIGTERM 15
#define SIGCHLD 17
#define BIT(signal) (1UL << ((signal) - 1))

void _start(void)
{
	unsigned long signals = BIT(SIGINT) | BIT(SIGTERM) | BIT(SIGCHLD);
	call(NR_SIGPROCMASK, 0, (long)&signals, 0, sizeof signals);
	for (;;) {
		long signal = call(NR_SIGTIMEDWAIT, (long)&signals, 0, 0, sizeof signals);
		if (signal == SIGINT || signal == SIGTERM)
			call(NR_EXIT, 0, 0, 0, 0);
		while (call(NR_WAIT4, -1, 0, 1 /* WNOHANG */, 0) > 0)
			;
	}
}
