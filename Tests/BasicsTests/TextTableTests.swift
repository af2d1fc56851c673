import Basics
import Testing

@Suite("Aligned tables")
struct TextTableTests {
    @Test func everyLineHasTheSameWidth() {
        var table = TextTable(columns: [.init("name", alignment: .left), .init("time", unit: "µs"), .init("n")])
        table.append(["first", "1.5", "100"])
        table.appendRule()
        table.append(["x", "12345.0", "2"])
        #expect(
            table.lines() == [
                "name      time    n",
                "            µs     ",
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
        #expect(table.lines() == [" 1 a ", "10 bc"])
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
                "         ms               ",
                "   0      1       2      3",
                "--------------------------",
            ]
        )
    }

    @Test func aTableThatIsStillTooWideIsCutBetweenColumns() {
        let parts = [
            "rank  first  second",
            "         ms        ",
            "   0      1       2",
            "-------------------",
            "",
            "rank  third",
            "           ",
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
}
