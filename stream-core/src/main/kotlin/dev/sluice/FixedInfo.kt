package dev.sluice

/** Facts that were all known when the stream was made. */
internal class FixedInfo(
    private val facts: Map<InfoKey<*>, Any>,
) : StreamInfo {
    @Suppress("UNCHECKED_CAST")
    override fun <T : Any> get(key: InfoKey<T>): T? = facts[key] as T?

    override fun toString(): String = facts.toString()
}
