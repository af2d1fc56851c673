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
        #expect(CSVReader.rows(of: text) == rows)
    }
}
