import Basics
import Testing

@Suite("Numbers with their units")
struct UnitTests {
    @Test(arguments: [
        (0.0000005, "0.5 µs"), (0.0123456, "12.346 ms"), (1.5, "1500.0 ms"), (123, "123.000 s"),
    ])
    func secondsGoByTheLargest(seconds: Double, text: String) {
        #expect(DisplayUnit.seconds([0, seconds]).full(seconds) == text)
    }

    @Test(arguments: [(100.0, "100 B"), (10_240, "10.0 KiB"), (0x1p24, "16.0 MiB"), (0x1p34, "16.00 GiB")])
    func bytesGoByTheLargest(bytes: Double, text: String) {
        #expect(DisplayUnit.bytes([bytes, 0]).full(bytes) == text)
    }

    @Test func unitsOfTablesStay() {
        #expect(DisplayUnit.microseconds().full(0.0123) == "12300 µs")
        #expect(DisplayUnit.milliseconds(decimals: 3).text(nil) == "-")
        #expect(DisplayUnit.gibibytes(decimals: 1).full(0x1p29) == "0.5 GiB")
        #expect(DisplayUnit.gigabytes(decimals: 1).full(80e9) == "80.0 GB")
        #expect(DisplayUnit.mebibytes().text(0x1p21) == "2")
    }

    @Test(arguments: [(0.8, "0.8 s"), (-1, "0.0 s"), (12.4, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
    func durationsAreShort(seconds: Double, text: String) {
        #expect(DurationText.of(seconds) == text)
    }

    @Test func nounsFollowTheirNumber() {
        #expect((0...2).map { Counted.text($0, "run") } == ["0 runs", "1 run", "2 runs"])
        #expect(Counted.noun(1, "layer") == "layer")
    }
}
