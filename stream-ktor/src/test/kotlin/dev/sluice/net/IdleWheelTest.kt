package dev.sluice.net

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.longs.shouldBeInRange
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.lang.management.ManagementFactory
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

private const val MANY = 100_000

internal class IdleWheelTest : FunSpec({
    test("an entry is idle when nothing has happened for its timeout, and at most an eighth of it later") {
        for (timeout in listOf(1.milliseconds, 50.milliseconds, 1.seconds, 30.seconds, 1.minutes, 3.days)) {
            withClue(timeout) {
                val time = VirtualTime()
                val wheel = IdleWheel(time)
                val entry = Entry(time)
                time.pass(7.seconds)
                wheel.add(entry, timeout)
                val began = time.now
                time.runUntilIdle(wheel)
                (entry.idledAt!! - began).inWholeMilliseconds shouldBeInRange
                    timeout.inWholeMilliseconds..(timeout * 9 / 8).inWholeMilliseconds + 20
                wheel.size shouldBe 0
                wheel.millisToRest() shouldBe 0
            }
        }
    }

    test("activity puts it off, and is looked at no more than once in a timeout") {
        val time = VirtualTime()
        val wheel = IdleWheel(time)
        val entry = Entry(time)
        wheel.add(entry, 1.minutes)
        var turns = 0
        repeat(10_000) {
            time.pass(1.seconds)
            if (it < 9_000) entry.lastActive = wheel.timeNow()
            if (wheel.millisToRest() in 1..1_000) turns++
            wheel.turn()
        }
        turns shouldBeLessThan 10_000 / 60 + 10
        (entry.idledAt!!).inWholeSeconds shouldBeInRange 9_054L..9_064L
    }

    test("what a turn does after a long rest happens now, also a new entry") {
        val time = VirtualTime()
        val wheel = IdleWheel(time)
        val entry = Entry(time)
        wheel.add(entry, 1.seconds)
        time.pass(900.milliseconds)
        wheel.turnBegins()
        entry.lastActive = wheel.now
        val other = Entry(time)
        wheel.add(other, 1.seconds)
        wheel.advance()
        time.pass(900.milliseconds)
        wheel.turn()
        entry.idledAt shouldBe null
        other.idledAt shouldBe null
        time.runUntilIdle(wheel)
        entry.idledAt shouldBe other.idledAt
    }

    test("an entry that is taken out is not idle, and its neighbours are") {
        val time = VirtualTime()
        val wheel = IdleWheel(time)
        val entries = List(5) { Entry(time) }
        entries.forEach { wheel.add(it, 1.seconds) }
        wheel.remove(entries[0])
        wheel.remove(entries[2])
        wheel.remove(entries[2])
        wheel.size shouldBe 3
        time.runUntilIdle(wheel)
        entries.map { it.idledAt != null } shouldBe listOf(false, true, false, true, true)
    }

    test("one that is idle may take out others that are") {
        val time = VirtualTime()
        val wheel = IdleWheel(time)
        val last = Entry(time)
        val first = Entry(time) { wheel.remove(last) }
        wheel.add(first, 1.seconds)
        wheel.add(last, 1.seconds)
        time.runUntilIdle(wheel)
        (first.idledAt != null) shouldBe true
        last.idledAt shouldBe null
    }

    test("after a long time in which nobody asked everything that is due is found, and nothing else") {
        val time = VirtualTime()
        val wheel = IdleWheel(time)
        val random = Random(1)
        val entries = List(1_000) { Entry(time) to random.nextLong(1, 600_000).milliseconds }
        entries.forEach { (entry, timeout) -> wheel.add(entry, timeout) }
        time.pass(5.minutes)
        wheel.turn()
        entries.forEach { (entry, timeout) ->
            if (timeout < 4.minutes) (entry.idledAt != null) shouldBe true
            if (timeout > 5.minutes) (entry.idledAt != null) shouldBe false
        }
        time.runUntilIdle(wheel)
        entries.all { (entry) -> entry.idledAt != null } shouldBe true
    }

    test("random entries, activity and times: each is idle in its time") {
        repeat(200) { seed ->
            withClue("seed $seed") {
                val random = Random(seed)
                val time = VirtualTime()
                val wheel = IdleWheel(time)
                val entries = HashMap<Entry, Duration>()
                val active = HashMap<Entry, Duration>()
                repeat(300) {
                    when (random.nextInt(4)) {
                        0 -> {
                            val timeout = random.nextLong(10, 1L shl random.nextInt(4, 20)).milliseconds
                            val entry = Entry(time)
                            entries[entry] = timeout
                            wheel.add(entry, timeout)
                            active[entry] = time.now
                        }

                        1 -> {
                            entries.keys.filter { it.idledAt == null }.randomOrNull(random)?.let {
                                it.lastActive = wheel.timeNow()
                                active[it] = time.now
                            }
                        }

                        else -> {
                            time.pass(random.nextLong(1, 1L shl random.nextInt(1, 16)).milliseconds)
                            wheel.turn()
                        }
                    }
                }
                for ((entry, timeout) in entries) {
                    val idle = (entry.idledAt ?: time.now) - active.getValue(entry)
                    val latest = timeout * 9 / 8 + 30.milliseconds
                    (if (entry.idledAt != null) idle >= timeout else idle <= latest) shouldBe true
                }
            }
        }
    }

    test("a hundred thousand entries cost a word or two each, and a turn in which none is due nothing") {
        val time = VirtualTime()
        val wheel = IdleWheel(time)
        val entries = List(MANY) { Entry(time) }
        val bytes = allocated { entries.forEach { wheel.add(it, 1.minutes) } }
        // What the wheel has of its own: all else is in the entries, two neighbours and two times of four bytes each.
        bytes shouldBeLessThan MANY / 8L
        wheel.size shouldBe MANY
        allocated {
            repeat(1_000) {
                time.pass(20.milliseconds)
                wheel.turn()
            }
        } shouldBeLessThan 100_000
        time.runUntilIdle(wheel)
        entries.all { it.idledAt != null } shouldBe true
    }
})

private class VirtualTime : () -> Long {
    private var nanos = -5_000_000_000L

    val now: Duration get() = (nanos / 1_000_000).milliseconds

    override fun invoke(): Long = nanos

    fun pass(time: Duration) {
        nanos += time.inWholeNanoseconds
    }

    /** As a loop does: sleeps as long as it may, and looks. */
    fun runUntilIdle(wheel: IdleWheel) {
        while (wheel.size > 0) {
            pass(wheel.millisToRest().milliseconds)
            wheel.turn()
        }
    }
}

private fun IdleWheel.turn() {
    turnBegins()
    advance()
}

private class Entry(
    private val time: VirtualTime,
    private val whenIdle: () -> Unit = {},
) : IdleEntry() {
    var idledAt: Duration? = null

    override fun idled() {
        check(idledAt == null) { "twice" }
        idledAt = time.now
        whenIdle()
    }
}

private inline fun allocated(work: () -> Unit): Long {
    val threads = ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean
    val before = threads.getThreadAllocatedBytes(Thread.currentThread().id)
    work()
    return threads.getThreadAllocatedBytes(Thread.currentThread().id) - before
}
