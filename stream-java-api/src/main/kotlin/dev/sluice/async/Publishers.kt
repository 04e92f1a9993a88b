@file:JvmName("Publishers")
@file:NotOnAndroid

package dev.sluice.async

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.jdk9.asPublisher
import java.util.concurrent.Flow.Publisher
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription

/** Each subscriber collects the flow by itself, as far as it asks for elements. */
@JvmName("of")
internal fun <T : Any> publisher(flow: Flow<T>): Publisher<T> {
    val publisher = flow.asPublisher()
    return Publisher { publisher.subscribe(DemandCheck(it)) }
}

/** Ends a subscription that asks for nothing, or for less, with an error, as Reactive Streams demands. */
@NotOnAndroid
private class DemandCheck<T : Any>(
    private val subscriber: Subscriber<in T>,
) : Subscriber<T>,
    Subscription {
    private lateinit var subscription: Subscription
    private var isOver = false

    override fun onSubscribe(subscription: Subscription) {
        this.subscription = subscription
        subscriber.onSubscribe(this)
    }

    override fun request(n: Long) {
        if (n > 0) return subscription.request(n)
        subscription.cancel()
        end { subscriber.onError(IllegalArgumentException("a subscriber can't ask for $n elements")) }
    }

    override fun cancel(): Unit = subscription.cancel()

    /** One signal after the other. */
    @Synchronized
    override fun onNext(item: T) {
        if (!isOver) subscriber.onNext(item)
    }

    override fun onError(failure: Throwable): Unit = end { subscriber.onError(failure) }

    override fun onComplete(): Unit = end { subscriber.onComplete() }

    @Synchronized
    private fun end(signal: () -> Unit) {
        if (isOver) return
        isOver = true
        signal()
    }
}
