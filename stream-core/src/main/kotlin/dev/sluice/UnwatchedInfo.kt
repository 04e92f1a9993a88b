package dev.sluice

/** Says of a connection that [LeakWatch] has nothing to do with it: it holds nothing of the system's, or ends with something else. */
internal class UnwatchedInfo(
    private val inner: StreamInfo,
) : StreamInfo {
    @Suppress("UNCHECKED_CAST")
    override fun <T : Any> get(key: InfoKey<T>): T? = if (key === IsUnwatched) true as T else inner[key]

    override fun toString(): String = inner.toString()

    companion object {
        val IsUnwatched: InfoKey<Boolean> = InfoKey("IsUnwatched")

        /** Of streams in memory. */
        val InMemory = UnwatchedInfo(StreamInfo.None)
    }
}
