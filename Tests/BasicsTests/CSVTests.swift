import Basics
import Testing

@Suite("Comma-separated values")
struct CSVTests {
    @Test(arguments: [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a\r\n\r\nb", [["a"], ["b"]]),
        ("\"a,\"\"b\"\"\n\",", [["a,\"b\"\n", ""]]),
        ("", []), (",\n", [["", ""]]), ("a,\"\"\n", [["a", ""]]), ("\"open", [["open"]]),
    ])
    func fieldsAreReadAsTheyAreWritten(text: String, rows: [[String]]) {
        #expect(CSVReader.rows(of: text).map(\.fields) == rows)
        #expect(
            CSVReader.rows(of: rows.map { $0.map(CSVField.text).joined(separator: ",") + "\n" }.joined()).map(\.fields)
                == rows
        )
    }

    @Test func rowsKnowTheirLines() {
        let text = "\u{FEFF}a,b\n# it's \"no\" row\n\n\"1\n2\",3\n#4,5"
        let all = CSVReader.rows(of: text)
        #expect(all.map(\.line) == [1, 2, 4, 6] && all.first?.fields == ["a", "b"])
        let rows = CSVReader.rows(of: text, skipsComments: true)
        #expect(rows == [.init(line: 1, fields: ["a", "b"]), .init(line: 4, fields: ["1\n2", "3"])])
    }
}
