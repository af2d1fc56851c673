import Testing

@testable import EpsimApp

@Suite("Forms of output")
struct OutputFormatTests {
    private struct Row: Encodable {
        let aValue: Double?
        let name: String
        let list: [String]
        let isGood: Bool
    }

    @Test("objects are rows of CSV, with a column for each key of any of them")
    func objects() throws {
        let rows = [
            Row(aValue: 1.5, name: "a, b", list: ["x", "y"], isGood: true),
            Row(aValue: nil, name: "c", list: [], isGood: false),
        ]
        #expect(
            try ObjectCSV.text(rows, first: "name") == "name,a_value,is_good,list\n\"a, b\",1.5,true,x; y\nc,,false,\n"
        )
        #expect(try ObjectCSV.text([Row](), first: "name") == "name\n")
    }
}
