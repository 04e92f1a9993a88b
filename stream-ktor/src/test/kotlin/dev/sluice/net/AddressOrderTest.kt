package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.InetAddress

internal class AddressOrderTest :
    FunSpec({
        val v6 = listOf("fd00::a", "fd00::b", "fd00::c").map(::ip)
        val v4 = listOf("10.0.0.1", "10.0.0.2", "10.0.0.3").map(::ip)
        val (v6a, v6b, v6c) = v6
        val (v4a, v4b, v4c) = v4

        test("C-045 0 keeps the order as it is") {
            interleaved(v6 + v4, 0) shouldBe v6 + v4
            interleaved(listOf(v4a, v6a, v6b, v4b), 0) shouldBe listOf(v4a, v6a, v6b, v4b)
        }
        test("C-045, C-124 1 takes the families in turn") {
            interleaved(v6 + v4, 1) shouldBe listOf(v6a, v4a, v6b, v4b, v6c, v4c)
        }
        test("C-045 2 lets two of the first family lead") {
            interleaved(v6 + v4, 2) shouldBe listOf(v6a, v6b, v4a, v6c, v4b, v4c)
        }
        test("C-045 3 lets three of the first family lead") {
            interleaved(v6 + v4, 3) shouldBe listOf(v6a, v6b, v6c, v4a, v4b, v4c)
        }
        test("C-045 more than there are lets all of the first family lead") {
            interleaved(v6 + v4, 100) shouldBe v6 + v4
        }
        test("C-045 the family of the first address is the one that leads") {
            interleaved(listOf(v4a, v6a, v6b, v4b), 1) shouldBe listOf(v4a, v6a, v4b, v6b)
        }
        test("C-045 what is over of one family comes last, in its order") {
            interleaved(listOf(v6a, v4a, v4b, v4c), 1) shouldBe listOf(v6a, v4a, v4b, v4c)
            interleaved(listOf(v6a, v6b, v6c, v4a), 1) shouldBe listOf(v6a, v4a, v6b, v6c)
        }
        test("C-045 one family alone stays as it is") {
            interleaved(v6, 1) shouldBe v6
            interleaved(v4, 2) shouldBe v4
            interleaved(emptyList(), 1) shouldBe emptyList<InetAddress>()
        }
    })
