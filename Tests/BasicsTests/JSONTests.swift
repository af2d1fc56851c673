import Basics
import Foundation
import Testing

@Suite("JSON")
struct JSONTests {
    private struct Record: Codable, Equatable {
        var stepCount: Int
        var parts: [[Double]] = []
        var name: String?
        var isDone = false
    }

    @Test func keysStandInOneForm() throws {
        let record = Record(stepCount: 2, name: "a/b")
        let text =
            "{\n  \"is_done\" : false,\n  \"name\" : \"a/b\",\n  \"parts\" : [\n\n  ],\n  \"step_count\" : 2\n}\n"
        #expect(try JSONText.of(record) == text)
        #expect(try JSONText.decode(Record.self, from: text) == record)
        #expect(try JSONText.line(record) == "{\"isDone\":false,\"name\":\"a/b\",\"parts\":[],\"stepCount\":2}")
    }

    @Test(arguments: [
        ("{", "is not valid JSON, or holds a number that is out of range or not whole"),
        ("[]", "holds something else than an object at the top level"),
        ("{}", "has no stepCount"),
        ("{\"stepCount\": 1.5}", "is not valid JSON, or holds a number that is out of range or not whole"),
        ("{\"stepCount\": \"x\"}", "holds something else than a whole number at stepCount"),
        ("{\"stepCount\": null}", "holds null instead of a whole number at stepCount"),
        ("{\"stepCount\": 1, \"parts\": 3}", "holds something else than a list at parts"),
        ("{\"stepCount\": 1, \"parts\": [[1, true]]}", "holds something else than a number at parts[0][1]"),
        ("{\"stepCount\": 1, \"parts\": [], \"isDone\": 0}", "holds something else than true or false at isDone"),
    ])
    func whatIsWrongIsSaidWithItsPlace(text: String, sentence: String) {
        let error = #expect(throws: JSONError.self) {
            try JSONText.decode(Record.self, from: text, keys: .asTheyAre)
        }
        #expect(error?.description == sentence)
    }

    /// Keys are named as the text should have them.
    @Test(arguments: [
        ("{}", "has no step_count"),
        ("{\"step_count\": \"x\"}", "holds something else than a whole number at step_count"),
        ("{\"step_count\": 1, \"parts\": [], \"is_done\": 0}", "holds something else than true or false at is_done"),
    ])
    func keysInSnakeCaseAreNamedSo(text: String, sentence: String) {
        let error = #expect(throws: JSONError.self) { try JSONText.decode(Record.self, from: text) }
        #expect(error?.description == sentence)
    }

    /// A decoder takes one value of a key that stands twice, and Python another.
    @Test(arguments: [
        (#"{"a": 1, "b": 2, "a": 3}"#, "a"), (#"{"o": {"a": 1}, "p": [{"a": 1}, {"b": {}, "b": []}]}"#, "b"),
        (#"{"a": 1, "\u0061": 2}"#, "a"), (#"{"a{,:": "}", "a{,:": 1}"#, "a{,:"), (#"{"a\"": 1, "a\"": 2}"#, "a\""),
    ])
    func keysStandOnce(text: String, key: String) {
        let sentence = "holds the key \(Quoted.text(key)) twice in one object"
        #expect(throws: JSONError.self) { try JSONText.decode(JSONValue.self, from: text, keys: .asTheyAre) }
        do {
            _ = try JSONText.decode(JSONValue.self, from: text, keys: .asTheyAre)
        } catch {
            #expect(error.description == sentence)
        }
    }

    @Test func equalKeysOfDifferentObjectsAreFine() throws {
        let text = #"{"a": {"a": "a"}, "b": [{"a": 1}, {"a": ["b", "b"]}], "c": "a"}"#
        #expect(try JSONText.decode(JSONValue.self, from: text, keys: .asTheyAre) != .null)
        let loose = #"{"a": 1, "b": [NaN, -Infinity], "c": "b: 1, NaN, b: 2,]"}"#
        #expect(try JSONText.decode(JSONValue.self, from: Data(loose.utf8), keys: .asTheyAre, isLoose: true) != .null)
        let twice = #"{"a": NaN, "a": 2}"#
        #expect(throws: JSONError.self) {
            try JSONText.decode(JSONValue.self, from: Data(twice.utf8), keys: .asTheyAre, isLoose: true)
        }
    }

    /// Whatever Python's `json` refuses is refused (each of these was given to it), in either form.
    @Test(
        "texts that are nearly JSON",
        arguments: [
            #"{"a": 1,}"#, #"[1, 2 , ]"#, #"{"a": [NaN,]}"#, #"{a: 1}"#, #"{'a': 1}"#, #"{"a": 1 /* one */}"#,
            "{\"a\": 1 // one\n}", #"{"a": +1}"#, #"{"a": .5}"#, #"{"a": 0x10}"#, #"{"a": [1,,2]}"#, #"{"a": nan}"#,
            #"{"a": NaN, 'b': 1}"#, #"{"a": -NaN}"#,
        ],
        [false, true]
    )
    func nearlyJSON(text: String, isLoose: Bool) {
        #expect(throws: JSONError.self) {
            try JSONText.decode(JSONValue.self, from: Data(text.utf8), keys: .asTheyAre, isLoose: isLoose)
        }
    }

    @Test func commasInFrontOfBrackets() {
        let error = #expect(throws: JSONError.self) {
            try JSONText.decode(JSONValue.self, from: #"{"a": ",]", "b": [1, ]}"#, keys: .asTheyAre)
        }
        #expect(error?.description == "is not valid JSON: a comma stands in front of a closing bracket")
    }

    @Test func hostileKeysAreQuoted() {
        let error = #expect(throws: JSONError.self) {
            try JSONText.decode([String: [String: Int]].self, from: "{\"\\u001b[2J\": {\"a.b\": \"x\"}}")
        }
        #expect(error?.description == "holds something else than a whole number at \"\\u{1B}[2J\".\"a.b\"")
    }

    @Test func numbersThatJSONLacksAreSaid() {
        let error = #expect(throws: JSONError.self) { try JSONText.of(["a": Double.infinity]) }
        #expect(error?.description == "this cannot be written as JSON: inf at a")
    }

    @Test func anyValueIsReadAndWritten() throws {
        let text = "{\"a\":[null,true,-3,1.5,\"x\"],\"b_c\":{}}"
        let value = JSONValue.members([
            "a": .list([.null, .bool(true), .integer(-3), .number(1.5), .text("x")]), "b_c": .members([:]),
        ])
        #expect(try JSONText.decode(JSONValue.self, from: text) == value)
        #expect(try JSONText.line(value) == text)
        #expect(try JSONText.decode([JSONValue].self, from: "[1e300, 2, \"3\"]").map(\.number) == [1e300, 2, nil])
        #expect(
            [JSONValue.null, .text("a\n"), .integer(3), .list([])].map(\.shown) == ["null", "\"a\\n\"", "3", "a list"]
        )
    }

    @Test func depthIsNoCrash() {
        #expect(throws: JSONError.self) {
            try JSONText.decode(JSONValue.self, from: String(repeating: "[", count: 200_000))
        }
    }
}
