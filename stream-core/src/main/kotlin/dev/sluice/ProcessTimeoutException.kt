package dev.sluice

import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi
import java.io.IOException
import kotlin.time.Duration

/**
 * A process ran longer than its `timeout` and was killed with everything it had started.
 *
 * @property timeout how long it was allowed to run
 * @property stdout what was captured of its standard output before the end, empty where somebody else was reading it
 * @property stderr the same of its standard error
 */
@OptIn(ExperimentalCoroutinesApi::class)
public class ProcessTimeoutException(
    public val timeout: Duration,
    public val stdout: ByteArray,
    public val stderr: ByteArray,
    message: String = "the process ran longer than its timeout of $timeout and was killed",
) : IOException(message),
    CopyableThrowable<ProcessTimeoutException> {
    override fun createCopy(): ProcessTimeoutException =
        ProcessTimeoutException(timeout, stdout, stderr, messageOf(this)).causedBy(this)
}
