import Basics
import Foundation
import Testing

/// Texts of other encodings, and whole numbers in texts.
@Suite struct TextEncodingTests {
    /// Python's `str.encode` of these texts begins so.
    @Test func otherEncodingsAreTold() {
        for text in ["a,b", "{\"a\": 1}", "[1]", "a\u{E9}", "7"] {
            for (encoding, name) in [
                (String.Encoding.utf16, "UTF-16"), (.utf16LittleEndian, "UTF-16"), (.utf16BigEndian, "UTF-16"),
                (.utf32, "UTF-32"), (.utf32LittleEndian, "UTF-32"), (.utf32BigEndian, "UTF-32"),
            ] {
                #expect(TextEncoding.foreign(text.data(using: encoding) ?? Data()) == name, "\(text) \(encoding)")
            }
            #expect(
                TextEncoding.foreign(Array(text.utf8)) == nil && TextEncoding.foreign([0xEF, 0xBB, 0xBF, 0x61]) == nil
            )
        }
        #expect(TextEncoding.foreign([UInt8]()) == nil)
        #expect(TextEncoding.fault([0xFF, 0xFE]) == "is UTF-16 text, allowed: UTF-8")
    }

    /// The decoder would read it, but not all that is checked of it.
    @Test func jsonOfOtherEncodingsIsRefused() {
        let json = "{\"a\": 1, \"a\": 2}".data(using: .utf16LittleEndian) ?? Data()
        let error = #expect(throws: JSONError.self) {
            _ = try JSONText.decode([String: Int].self, from: json, keys: .asTheyAre)
        }
        #expect(error?.description == "is UTF-16 text, allowed: UTF-8")
    }

    @Test func wholeNumbersMayHaveAPoint() {
        for (text, value) in [
            ("3", 3), ("3.0", 3), ("1e3", 1000), ("-1.0", -1), ("007", 7), ("9007199254740992.0", 1 << 53),
        ] {
            #expect(DecimalText.wholeNumber(text) == value, "\(text)")
        }
        for text in ["1.5", "", "x", "0x10", "nan", "inf", "1e30", "1_000", " 1"] {
            #expect(DecimalText.wholeNumber(text) == nil, "\(text)")
        }
    }
}
