package dev.sluice.net

import dev.sluice.testing.checkHalfCloseableStream
import io.kotest.core.spec.style.FunSpec

internal class TransportContractTest :
    FunSpec({
        for (kind in SocketKind.entries) {
            test("a transport over $kind keeps the contract of all transports") {
                withLoop { loop -> checkHalfCloseableStream { kind.transports(loop) } }
            }

            test("a transport over $kind keeps it also for callers on its own loop") {
                withLoop { loop ->
                    kotlinx.coroutines.withContext(loop) { checkHalfCloseableStream { kind.transports(loop) } }
                }
            }
        }
    })
