import Reports
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
}
