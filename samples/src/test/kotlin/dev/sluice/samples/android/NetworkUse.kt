package dev.sluice.samples.android

import jdk.jfr.Recording
import jdk.jfr.consumer.RecordingFile
import java.nio.file.Files
import java.time.Duration

/** Which threads read from sockets and write to them, as the JVM itself records it. */
internal class NetworkUse private constructor(
    private val recording: Recording,
) : AutoCloseable by recording {
    /** Their names, from the beginning until now. */
    fun threads(): Set<String> {
        recording.stop()
        val file = Files.createTempFile("network-use", ".jfr")
        try {
            recording.dump(file)
            return RecordingFile.readAllEvents(file).mapTo(HashSet()) { it.thread.javaName }
        } finally {
            Files.delete(file)
        }
    }

    companion object {
        private val EVENTS = listOf("jdk.SocketRead", "jdk.SocketWrite")

        fun record(): NetworkUse {
            val recording = Recording()
            for (event in EVENTS) recording.enable(event).withThreshold(Duration.ZERO).withoutStackTrace()
            recording.start()
            return NetworkUse(recording)
        }
    }
}
