import Basics
import Testing

@Suite("Hexadecimal digits")
struct HexadecimalTests {
    @Test func bytesHaveTwoDigitsEach() {
        #expect(Hexadecimal.text([0, 15, 16, 255]) == "000f10ff")
        #expect(Hexadecimal.text(UInt32(0x1F600), digits: 8) == "0001f600")
        #expect(Hexadecimal.text(UInt64.max, digits: 2) == "ffffffffffffffff")
    }

    @Test func drawnDigitsAreAsManyAsAskedFor() {
        let drawn = Set((0..<100).map { _ in Hexadecimal.random(digits: 32) })
        #expect(drawn.count == 100)
        #expect(drawn.allSatisfy { $0.count == 32 && $0.allSatisfy("0123456789abcdef".contains) })
    }
}
