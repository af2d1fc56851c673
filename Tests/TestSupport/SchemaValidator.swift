/// The validator of the Python package jsonschema, which knows nothing of epsim.
public enum SchemaValidator {
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
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let paths = try ([schema] + documents).enumerated().map { try folder.write($1, as: "\($0).json") }
        return try run(program, paths).split(separator: "\n").map(String.init)
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let result = try Program.run("python3", ["-c", program] + arguments, keepsErrors: false)
        guard result.code == 0 else { throw TestTrouble("python3 ended with an error: \(result.output)") }
        return result.output
    }
}
