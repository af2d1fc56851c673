/// Samples of the text format of Prometheus, read without the code that wrote them.
public struct Exposition: Sendable {
    /// One line that is no comment.
    public struct Sample: Equatable, Sendable {
        /// Its name, with its suffix.
        public let name: String
        /// Its labels.
        public let labels: [String: String]
        /// Its value.
        public let value: Double
    }

    /// What is wrong with a text.
    public struct Malformed: Error {
        /// The line that cannot be read.
        public let line: String
    }

    /// All samples, in order.
    public let samples: [Sample]
    /// Type of each metric, by name.
    public let types: [String: String]

    /// Reads a text.
    public init(_ text: String) throws {
        var samples: [Sample] = []
        var types: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                types[String(words[2])] = String(words[3])
            } else if !line.hasPrefix("# HELP ") {
                samples.append(try Self.sample(line))
            }
        }
        self.samples = samples
        self.types = types
    }

    /// The sum of the samples of a name that have all of the given labels.
    public func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        samples(name, labels).reduce(0) { $0 + $1.value }
    }

    /// The samples of a name that have all of the given labels.
    public func samples(_ name: String, _ labels: [String: String] = [:]) -> [Sample] {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
    }

    private static func sample(_ line: String) throws -> Sample {
        guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
            throw Malformed(line: line)
        }
        let head = line[..<space]
        guard let brace = head.firstIndex(of: "{") else {
            return Sample(name: String(head), labels: [:], value: value)
        }
        guard head.last == "}" else { throw Malformed(line: line) }
        let inside = head[head.index(after: brace)...].dropLast()
        return Sample(name: String(head[..<brace]), labels: try labels(inside, line), value: value)
    }

    private static func labels(_ text: Substring, _ line: String) throws -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text
        while !rest.isEmpty {
            guard let equals = rest.firstIndex(of: "="), rest[equals...].hasPrefix("=\"") else {
                throw Malformed(line: line)
            }
            let name = String(rest[..<equals])
            rest = rest[equals...].dropFirst(2)
            var value = ""
            while let character = rest.popFirst(), character != "\"" {
                guard character == "\\" else {
                    value.append(character)
                    continue
                }
                guard let escaped = rest.popFirst() else { throw Malformed(line: line) }
                value.append(escaped == "n" ? "\n" : escaped)
            }
            labels[name] = value
            if rest.first == "," { rest = rest.dropFirst() }
        }
        return labels
    }
}
