package dev.sluice.process

/** What becomes of an output of a process. */
public enum class StreamType {
    /** It can be read here. */
    PIPE,

    /** It is copied to this program's own standard output, `System.out` as it is when the process starts. */
    STDOUT,

    /** It is dropped by the system. */
    DEVNULL,

    /** Of stderr only: it goes into stdout, in the order of writing. */
    MERGED,
}
