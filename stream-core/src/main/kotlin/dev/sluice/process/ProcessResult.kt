package dev.sluice.process

/**
 * What a process came to, from [StreamProcess.communicate]. A code other than 0 is a result like others.
 *
 * @property stdout all that it wrote to its standard output, empty where that is not [StreamType.PIPE]
 * @property stderr the same of its standard error
 * @property returnCode 128 and the signal's number for one that was ended by a signal
 */
public class ProcessResult(
    public val stdout: ByteArray,
    public val stderr: ByteArray,
    public val returnCode: Int,
) {
    override fun toString(): String =
        "ProcessResult(returnCode=$returnCode, stdout=${stdout.size} bytes, stderr=${stderr.size} bytes)"
}
