@file:NotOnAndroid

package dev.sluice.process.remote

import dev.sluice.NotOnAndroid

/**
 * Makes sure that a container is held to a limit. Engines take limits that the system then does not enforce, and may not even warn; the control
 * group of the container, which it can see itself, is the one that knows.
 *
 * @throws UnsupportedOperationException it is not, or that can't be seen
 */
@NotOnAndroid
internal fun RemotePlace.checkEnforced(
    limit: String,
    value: Long,
    files: List<String>,
) {
    val enforced = output(listOf("/bin/sh", "-c", "cat ${files.joinToString(" ")} 2>/dev/null; true")).trim()
    if (enforced.toLongOrNull() != value) {
        throw UnsupportedOperationException(
            "$name does not enforce the limit of $limit: its control group says '$enforced' and not $value",
        )
    }
}

/** In version 2 of control groups, and in version 1. */
internal val MEMORY_LIMIT = listOf("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
internal val PROCESSES_LIMIT = listOf("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max")
