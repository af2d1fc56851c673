/// One thing that is wrong with a file of timings.
public struct TimingProblem: Equatable, Sendable, CustomStringConvertible {
    /// The file.
    public let file: String
    /// Its line, from 1, or nil when the whole file is meant.
    public let line: Int?
    /// The column by its name, or nil when no single column is meant.
    public let column: String?
    /// What was found and what is allowed.
    public let message: String

    /// A problem at a place.
    public init(file: String, line: Int? = nil, column: String? = nil, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `file:line: column: message`.
    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return ([place] + [column, message].compactMap(\.self)).joined(separator: ": ")
    }
}
