@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid

// Engines take limits that the system then does not enforce, and may not even warn. The control group of a container, which it can see itself,
// is the one that knows. The files are those of version 2 of control groups, and of version 1.

private const val PAGE = 65536

/** @throws UnsupportedOperationException the place is not held to it, or that can't be seen */
@NotOnAndroid
internal fun RemotePlace.checkMemory(bytes: Long) {
    // The system counts in pages.
    check("memory", bytes - PAGE + 1..bytes, "/sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes")
}

/** @throws UnsupportedOperationException the place is not held to it, or that can't be seen */
@NotOnAndroid
internal fun RemotePlace.checkProcesses(count: Long) {
    check("processes", count..count, "/sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max")
}

private fun RemotePlace.check(
    limit: String,
    expected: LongRange,
    files: String,
) {
    val enforced = output(listOf("/bin/sh", "-c", "cat $files 2>/dev/null; true")).trim()
    if (enforced.toLongOrNull() in expected) return
    throw UnsupportedOperationException(
        "$name does not enforce the limit of $limit: its control group says '$enforced' and not ${expected.last}",
    )
}
