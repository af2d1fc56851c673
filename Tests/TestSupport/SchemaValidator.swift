internal import Foundation

/// The validator of the Python package jsonschema, which knows nothing of epsim.
public enum SchemaValidator {
    /// Something that kept it from running.
    public struct Trouble: Error, CustomStringConvertible {
        /// What it said.
        public let description: String
    }

    private static let program = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for path in sys.argv[2:]:
            for error in validator.iter_errors(json.load(open(path))):
                print(error.json_path + ": " + error.message)
        """

    /// True where `python3` has it.
    public static let isAvailable = (try? run("import jsonschema; jsonschema.Draft202012Validator", [])) != nil

    /// What is wrong with documents by a schema, one line each; throws where the schema itself is none.
    ///
    /// - Parameters:
    ///   - schema: JSON text.
    ///   - documents: JSON texts.
    public static func faults(of documents: [String], by schema: String) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("schema-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let paths = try ([schema] + documents).enumerated().map { index, text in
            let file = folder.appendingPathComponent("\(index).json")
            try Data(text.utf8).write(to: file)
            return file.path
        }
        return try run(program, paths).split(separator: "\n").map(String.init)
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Trouble(description: "python3 ended with an error: \(text)") }
        return text
    }
}
