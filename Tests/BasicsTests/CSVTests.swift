import Basics
import Testing

@Suite("Comma-separated values")
struct CSVTests {
    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a\r\n\r\nb", [["a"], ["b"]]),
        ("\"a,\"\"b\"\"\n\",", [["a,\"b\"\n", ""]]), ("5\" NIC,1\nb,2", [["5\" NIC", "1"], ["b", "2"]]),
        ("", []), (",\n", [["", ""]]), ("a,\"\"\n", [["a", ""]]),
    ])
    func fieldsAreReadAsTheyAreWritten(text: String, rows: [[String]]) throws {
        #expect(try CSVReader.rows(of: text).map(\.fields) == rows)
        #expect(try CSVReader.rows(of: rows.map(CSVField.row).joined()).map(\.fields) == rows)
    }

    /// Lines of old Macs end in a carriage return alone; within quotes it stands for itself.
    @Test func linesMayEndInACarriageReturn() throws {
        for text in ["a,b\r1,2\r\r3,4", "a,b\r\n1,2\r\n\r\n3,4\r\n", "a,b\n1,2\r\n\r3,4\n"] {
            let rows = try CSVReader.rows(of: text)
            #expect(
                rows.map(\.fields) == [["a", "b"], ["1", "2"], ["3", "4"]] && rows.map(\.line) == [1, 2, 4],
                "\(rows)"
            )
        }
        #expect(try CSVReader.rows(of: "\"a\r\nb\",c\rd\r").map(\.fields) == [["a\r\nb", "c"], ["d"]])
    }

    @Test func rowsEndWithALineFeed() {
        #expect(CSVField.row(["a b", "1,5", "", "5\" NIC"]) == "a b,\"1,5\",,\"5\"\" NIC\"\n")
    }

    /// A quote that nothing closes would swallow all that comes behind it.
    @Test(arguments: [("\"open", 1), ("a,b\n1,\"2\n3,4\n", 2)])
    func openQuotesAreErrors(text: String, line: Int) {
        #expect(throws: CSVReader.OpenQuote(line: line)) { try CSVReader.rows(of: text) }
    }

    @Test func rowsKnowTheirLines() throws {
        let text = "\u{FEFF}a,b\n# it's \"no\" row\n\n\"1\n2\",3\n#4,5"
        let all = try CSVReader.rows(of: text)
        #expect(all.map(\.line) == [1, 2, 4, 6] && all.first?.fields == ["a", "b"])
        let rows = try CSVReader.rows(of: text, skipsComments: true)
        #expect(rows == [.init(line: 1, fields: ["a", "b"]), .init(line: 4, fields: ["1\n2", "3"])])
    }
}
