/* Counts what a process asks of the allocator: loaded before libc (LD_PRELOAD), it answers malloc and its relatives
 * itself, counts, and passes them on. Counters are of the whole process, all threads; counting never allocates.
 *
 * The __libc_ names are glibc's own entry points: no dlsym, which allocates. glibc's own calls of mmap (for requests
 * above its threshold) do not pass here, so one malloc is one count, however it is served.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

enum { MALLOC, CALLOC, REALLOC, ALIGNED, MMAP, FREE, BYTES, LARGE, KINDS };
static const size_t LARGE_BYTES = 4096;
static uint64_t counts[KINDS];

static void add(int kind, size_t bytes)
{
    __atomic_fetch_add(&counts[kind], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&counts[BYTES], bytes, __ATOMIC_RELAXED);
    if (bytes >= LARGE_BYTES)
        __atomic_fetch_add(&counts[LARGE], 1, __ATOMIC_RELAXED);
}

/* Copies the counters, in the order of the enumeration above. */
void allocation_counts(uint64_t *into)
{
    for (int kind = 0; kind < KINDS; kind++)
        into[kind] = __atomic_load_n(&counts[kind], __ATOMIC_RELAXED);
}

void *malloc(size_t bytes)
{
    add(MALLOC, bytes);
    return __libc_malloc(bytes);
}

void *calloc(size_t number, size_t bytes)
{
    add(CALLOC, number * bytes);
    return __libc_calloc(number, bytes);
}

void *realloc(void *old, size_t bytes)
{
    add(REALLOC, bytes);
    return __libc_realloc(old, bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
    add(ALIGNED, bytes);
    return __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return memalign(alignment, bytes);
}

int posix_memalign(void **into, size_t alignment, size_t bytes)
{
    if (alignment % sizeof(void *) || alignment == 0 || alignment & (alignment - 1))
        return EINVAL;
    void *memory = memalign(alignment, bytes);
    if (memory == NULL)
        return ENOMEM;
    *into = memory;
    return 0;
}

void *valloc(size_t bytes)
{
    return memalign((size_t)sysconf(_SC_PAGESIZE), bytes);
}

void free(void *memory)
{
    if (memory != NULL)
        __atomic_fetch_add(&counts[FREE], 1, __ATOMIC_RELAXED);
    __libc_free(memory);
}

void *mmap(void *at, size_t bytes, int protection, int flags, int file, off_t offset)
{
    add(MMAP, bytes);
    return (void *)syscall(SYS_mmap, at, bytes, protection, flags, file, offset);
}

void *mmap64(void *at, size_t bytes, int protection, int flags, int file, off_t offset)
{
    return mmap(at, bytes, protection, flags, file, offset);
}
