import Tensors
import TestSupport
import Testing

/// Every way in which a safetensors header can lie.
@Suite struct SafetensorsHeaderTests {
    private func json(_ text: String, data: Int) -> String? {
        failure {
            _ = try SafetensorsHeader(json: Array(text.utf8), dataByteCount: data, path: "f")
        }
    }

    private func length(_ prefix: [UInt8], file: Int) -> String? {
        failure {
            _ = try SafetensorsHeader.jsonByteCount(prefix: prefix, fileByteCount: file, path: "f")
        }
    }

    @Test func readsEntriesInOrderOfData() throws {
        let text =
            #"{"b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]},"z":{"dtype":"I8","shape":[4],"#
            + #""data_offsets":[0,4]},"e":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"__metadata__":{"k":"v"}}  "#
        let header = try SafetensorsHeader(json: Array(text.utf8), dataByteCount: 12, path: "f")
        #expect(header.entries.map(\.spec.name) == ["z", "e", "b"])
        #expect(header.entries.map(\.dataOffsets) == [0..<4, 4..<4, 4..<12])
        #expect(header.entries.last?.spec == TensorSpec(name: "b", dtype: .f32, shape: [2, 1]))
        #expect(header.metadata == ["k": "v"])
    }

    @Test func checksTheLength() throws {
        #expect(length([1, 2, 3], file: 3) == "f: has 3 bytes; a safetensors file has at least 8")
        #expect(
            length(littleEndian(UInt64(3)), file: 10)
                == "f: says that its header has 3 bytes, but the file ends after 10 bytes"
        )
        #expect(
            length(littleEndian(UInt64.max), file: 10)
                == "f: says that its header has 18446744073709551615 bytes; at most 100000000 are allowed"
        )
        #expect(
            length(littleEndian(UInt64(100_000_001)), file: 200_000_000)
                == "f: says that its header has 100000001 bytes; at most 100000000 are allowed"
        )
        #expect(length(littleEndian(UInt64(2)), file: 10) == nil)
    }

    @Test func checksTheJSON() {
        #expect(json("", data: 0) == "f: its header is not a JSON object: it does not begin with '{'")
        #expect(json("[]", data: 0) == "f: its header is not a JSON object: it does not begin with '{'")
        let invalid = "f: its header is not valid JSON, or holds a number that is out of range or not whole"
        #expect(json("{", data: 0) == invalid)
        #expect(json("{\"a\":\u{1}}", data: 0) == invalid)
        #expect(json(#"{"a":{"shape":[],"data_offsets":[0,4]}}"#, data: 4) == #"f: its header has no a.dtype"#)
        #expect(
            json(#"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, data: 4) == #"f: its header has no a.shape"#
        )
        #expect(json(#"{"a":{"dtype":"F32","shape":[]}}"#, data: 4) == #"f: its header has no a.data_offsets"#)
        #expect(json(#"{"a":5}"#, data: 4) == #"f: its header holds something else than an object at a"#)
        #expect(json(#"{"a":null}"#, data: 4) == #"f: its header holds null instead of an object at a"#)
        #expect(
            json(#"{"__metadata__":{"k":1}}"#, data: 0)
                == #"f: its header holds something else than a string at __metadata__.k"#
        )
    }

    @Test(arguments: [
        (#""4""#, #"something else than a list at a.shape"#),
        (#"["4"]"#, #"something else than a whole number at a.shape[0]"#),
    ])
    func checksTheTypeOfAShape(shape: String, sentence: String) {
        let text = #"{"a":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,4]}}"#
        #expect(json(text, data: 4) == "f: its header holds \(sentence)")
    }

    @Test(arguments: ["[0.5]", "[9223372036854775808]", "[1e400]", "[1 2]"])
    func checksTheNumbersOfAShape(shape: String) {
        let text = #"{"a":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,4]}}"#
        let sentence = "is not valid JSON, or holds a number that is out of range or not whole"
        #expect(json(text, data: 4) == "f: its header \(sentence)")
    }

    @Test func checksTheDtype() {
        let text = #"{"a":{"dtype":"F4","shape":[],"data_offsets":[0,4]}}"#
        let known = "F64, F32, F16, BF16, F8_E4M3, I64, I32, I16, I8, U64, U32, U16, U8, BOOL"
        #expect(json(text, data: 4) == #"f: tensor "a": dtype "F4" is not known; known are \#(known)"#)
    }

    @Test(arguments: [
        "[-1]", "[4611686018427387904,4]", "[0,-1]", "[0,4611686018427387904,4]", "[3037000500,3037000500]",
    ])
    func checksTheShape(shape: String) {
        let text = #"{"a":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,4]}}"#
        let spaced = shape.replacing(",", with: ", ")
        #expect(json(text, data: 4) == #"f: tensor "a": shape \#(spaced) is negative or too large"#)
    }

    @Test func saysThatAFileIsCutShort() {
        let text = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        let sentence = "its data end at byte 8, but the file holds 4 bytes of data: it is cut short, as by a download"
        #expect(json(text, data: 4) == #"f: tensor "a": \#(sentence) that was interrupted"#)
    }

    @Test(arguments: ["[4,0]", "[-4,0]", "[0]", "[0,2,4]", "[]"])
    func checksTheOffsets(offsets: String) {
        let text = #"{"a":{"dtype":"F32","shape":[],"data_offsets":\#(offsets)}}"#
        let spaced = offsets.replacing(",", with: ", ")
        let sentence = "data_offsets \(spaced) are not two ascending offsets into 4 bytes of data"
        #expect(json(text, data: 4) == #"f: tensor "a": \#(sentence)"#)
    }

    @Test func checksTheSizeAgainstTheShape() {
        let text = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#
        #expect(json(text, data: 4) == #"f: tensor "a": data_offsets [0, 4] hold 4 bytes; shape [2] of F32 needs 8"#)
    }

    @Test func refusesOverlapsAndHoles() {
        func two(_ first: String, _ second: String) -> String {
            #"{"a":{"dtype":"I8","shape":[4],"data_offsets":\#(first)},"b":{"dtype":"I8","shape":[4],"data_offsets":\#(second)}}"#
        }
        #expect(json(two("[0,4]", "[2,6]"), data: 6) == #"f: tensor "b": its data overlap those of "a""#)
        #expect(json(two("[0,4]", "[0,4]"), data: 4) == #"f: tensor "b": its data overlap those of "a""#)
        #expect(
            json(two("[0,4]", "[5,9]"), data: 9)
                == #"f: tensor "b": its data begin at 5, but bytes 4..<5 belong to no tensor"#
        )
        #expect(
            json(two("[1,5]", "[5,9]"), data: 9)
                == #"f: tensor "a": its data begin at 1, but bytes 0..<1 belong to no tensor"#
        )
        #expect(
            json(two("[0,4]", "[4,8]"), data: 9)
                == "f: its tensors end at byte 8 of the data, but the file holds 9 bytes of data"
        )
    }

    @Test func survivesDeepNesting() {
        #expect(json(#"{"a":"# + String(repeating: "[", count: 200_000), data: 0) != nil)
    }
}
