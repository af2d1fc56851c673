import FoundationEssentials

extension Report {
    private struct Schema: Decodable {
        let schemaVersion: Int
    }

    /// The report as JSON: keys in snake case and sorted, two spaces of indentation, a line feed at the end.
    ///
    /// - Throws: ``ReportError`` when a number is infinite or not a number.
    public func json() throws(ReportError) -> String {
        try JSONText.of(self)
    }

    /// Reads back what ``json()`` wrote.
    ///
    /// - Throws: ``ReportError`` when it is no JSON, of another schema version, or lacks a key.
    public init(json: String) throws(ReportError) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let data = Data(json.utf8)
        do {
            let version = try decoder.decode(Schema.self, from: data).schemaVersion
            guard version == Self.schemaVersion else {
                throw ReportError(
                    .json,
                    "a report of schema_version \(version); this version reads \(Self.schemaVersion)"
                )
            }
            self = try decoder.decode(Report.self, from: data)
        } catch let error as ReportError {
            throw error
        } catch let error as DecodingError {
            throw ReportError(.json, "this is no report: \(Self.sentence(error))")
        } catch {
            throw ReportError(.json, "this is no report: \(error)")
        }
    }

    private static func sentence(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context): "\(path(context.codingPath)) is no \(type)"
        case .valueNotFound(let type, let context): "\(path(context.codingPath)) is null, not \(type)"
        case .dataCorrupted(let context): "\(path(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty
            ? "the top level" : keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
