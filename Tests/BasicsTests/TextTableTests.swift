import Basics
import Testing

@Suite("Aligned tables")
struct TextTableTests {
    @Test func columnsAreAlignedAndNoLineEndsInSpaces() {
        var table = TextTable(columns: [.init("name", alignment: .left), .init("time", unit: "µs"), .init("n")])
        table.append(["first", "1.5", "100"])
        table.appendRule()
        table.append(["x", "12345.0", "2"])
        #expect(
            table.lines() == [
                "name      time    n",
                "            µs",
                "first      1.5  100",
                "-------------------",
                "x      12345.0    2",
            ]
        )
    }

    @Test func rowsOfHeadersAndUnitsAreLeftOutWhereThereAreNone() {
        var table = TextTable(columns: [.init(""), .init("", alignment: .left)], gap: 1)
        table.append(["1", "a"])
        table.append(["10", "bc"])
        #expect(table.lines() == [" 1 a", "10 bc"])
        #expect(TextTable(columns: [.init("lonely")]).lines() == ["lonely"])
        #expect(TextTable(columns: []).lines().isEmpty)
    }

    private static var wide: TextTable {
        var table = TextTable(columns: [
            .init("rank"), .init("what it is", alignment: .left, isExplanation: true), .init("first", unit: "ms"),
            .init("second"), .init("third"),
        ])
        table.append(["0", "the one that leads", "1", "2", "3"])
        table.appendRule()
        return table
    }

    @Test func explanationsGoFirstWhereThereIsLittleRoom() {
        #expect(Self.wide.lines(width: 46) == Self.wide.lines())
        #expect(
            Self.wide.lines(width: 45) == [
                "rank  first  second  third",
                "         ms",
                "   0      1       2      3",
                "--------------------------",
            ]
        )
    }

    @Test func aTableThatIsStillTooWideIsCutBetweenColumns() {
        let parts = [
            "rank  first  second",
            "         ms",
            "   0      1       2",
            "-------------------",
            "",
            "rank  third",
            "   0      3",
            "-----------",
        ]
        #expect(Self.wide.lines(width: 25) == parts)
        #expect(Self.wide.lines(width: 19) == parts)
        let narrowest = Self.wide.lines(width: 1)
        #expect(narrowest.filter { $0.isEmpty }.count == 2)
        #expect(narrowest.first == "rank  first")
        #expect(TextTable(columns: []).lines(width: 1).isEmpty)
    }

    @Test func explanationsAreLeftOutOneByOneTheLastFirst() {
        var table = TextTable(columns: [
            .init("a"), .init("b", isExplanation: true), .init("c"), .init("d", isExplanation: true),
        ])
        table.append(["1", "2", "3", "4"])
        #expect(table.lines(width: 10) == ["a  b  c  d", "1  2  3  4"])
        #expect(table.lines(width: 9) == ["a  b  c", "1  2  3"])
        #expect(table.lines(width: 6) == ["a  c", "1  3"])
        #expect(table.lines(width: 3) == ["a  c", "1  3"])
    }

    @Test func textsAreBrokenBeforeAnythingIsLeftOut() {
        var table = TextTable(columns: [
            .init("n"), .init("why", alignment: .left, isExplanation: true),
            .init("text", alignment: .left, isWrapped: true), .init("z"),
        ])
        table.append(["1", "so", "one two three four five six seven", "9"])
        table.append(["2", "", "short", "10"])
        #expect(
            table.lines(width: 36) == [
                "n  why  text                       z",
                "1  so   one two three four five    9",
                "        six seven",
                "2       short                     10",
            ]
        )
        #expect(
            table.lines(width: 31) == [
                "n  text                       z",
                "1  one two three four five    9",
                "   six seven",
                "2  short                     10",
            ]
        )
        #expect(table.lines(width: 60) == table.lines() && table.lines().count == 3)
    }

    @Test func noLineIsTooWideOrEndsInSpaces() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = seed
        func next(_ below: UInt64) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % below)
        }
        func word(_ most: UInt64) -> String { String(repeating: "x", count: next(most)) }
        for _ in 0..<200 {
            var table = TextTable(
                columns: (0..<(1 + next(6))).map { _ in
                    .init(
                        word(6),
                        unit: word(4),
                        alignment: next(2) == 0 ? .left : .right,
                        isExplanation: next(3) == 0,
                        isWrapped: next(3) == 0
                    )
                }
            )
            for _ in 0..<next(4) {
                table.append(table.columns.map { _ in (0..<next(9)).map { _ in word(8) }.joined(separator: " ") })
            }
            // Two columns of eight words of seven letters fit into 140 characters whatever is in them.
            for line in table.lines(width: 140) + table.lines() { #expect(line.last != " ", "seed \(seed)") }
            #expect(table.lines(width: 140).allSatisfy { $0.count <= 140 }, "seed \(seed)")
        }
    }
}
