import Foundation
import TestSupport
import Testing

@testable import Transport

@Suite("Key files")
struct CurveKeysTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("keys")
    }

    @Test func aPairSurvivesItsFile() throws {
        let keys = try CurveKeys.generate()
        try keys.write(to: path)
        #expect(try CurveKeys(contentsOf: path) == keys)
        #expect(keys.publicKey.utf8.count == 40 && keys.secretKey.utf8.count == 40)
        #expect(try CurveKeys.generate() != keys)
    }

    @Test func onlyItsOwnerCanReadTheFile() throws {
        try CurveKeys.generate().write(to: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func anExistingFileIsKept() throws {
        let keys = try CurveKeys.generate()
        try keys.write(to: path)
        #expect(throws: TransportError("key file \(path) exists already; remove it first to make new keys")) {
            try CurveKeys.generate().write(to: path)
        }
        #expect(try CurveKeys(contentsOf: path) == keys)
    }

    @Test func aFileThatCannotBeWrittenIsNamed() throws {
        let nowhere = folder.path + "/no/such/folder/keys"
        #expect(throws: TransportError("key file \(nowhere) cannot be written: No such file or directory")) {
            try CurveKeys.generate().write(to: nowhere)
        }
    }

    @Test func aMissingFileIsNamed() {
        #expect(
            throws: TransportError("key file \(path) cannot be read; make one with 'epsim cluster key \(path)'")
        ) {
            try CurveKeys(contentsOf: path)
        }
    }

    @Test func aFileThatIsNoTextIsNamed() throws {
        try Data([0xFF, 0xFE, 0x00, 0x80]).write(to: URL(filePath: path))
        #expect(
            throws: TransportError("key file \(path) cannot be read; make one with 'epsim cluster key \(path)'")
        ) {
            try CurveKeys(contentsOf: path)
        }
    }

    @Test func bothLinesMustBeThere() throws {
        let keys = try CurveKeys.generate()
        let reason = "key file \(path) does not hold a line 'public KEY' and a line 'secret KEY' of 40 characters each"
        let texts = [
            "", "\n\n", "# only words\n", "public \(keys.publicKey)\n", "secret \(keys.secretKey)\n",
            "public \(keys.publicKey)x\nsecret \(keys.secretKey)\n", "public \(keys.publicKey)\nsecret short\n",
            "public: \(keys.publicKey)\nsecret: \(keys.secretKey)\n",
            "#public \(keys.publicKey)\n#secret \(keys.secretKey)\n",
        ]
        for text in texts { try expectError(reason, reading: text) }
    }

    @Test func keysMustBeAPair() throws {
        let keys = try CurveKeys.generate()
        let other = try CurveKeys.generate()
        let reason = "key file \(path) holds keys that are no pair; make new ones with 'epsim cluster key FILE'"
        try expectError(reason, reading: "public \(other.publicKey)\nsecret \(keys.secretKey)\n")
        // 40 characters, but not of the alphabet of keys.
        let spoiled = String(repeating: "~", count: 40)
        try expectError(reason, reading: "public \(spoiled)\nsecret \(keys.secretKey)\n")
        try expectError(reason, reading: "public \(keys.publicKey)\nsecret \(spoiled)\n")
        try expectError(reason, reading: "public \(keys.publicKey)\nsecret \(String(repeating: "é", count: 20))\n")
    }

    @Test func linesMayComeInAnyOrder() throws {
        let keys = try CurveKeys.generate()
        let text = "# mine\r\nsecret   \(keys.secretKey)\r\n\r\npublic \(keys.publicKey)"
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(try CurveKeys(contentsOf: path) == keys)
    }

    private func expectError(
        _ reason: String,
        reading text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(throws: TransportError(reason), sourceLocation: sourceLocation) { try CurveKeys(contentsOf: path) }
    }
}
