internal import Foundation

/// Programs that some tests need and machines may lack.
public enum Program {
    /// The path of a program, or nil when there is none.
    public static func find(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program to its end.
    ///
    /// - Parameter keepsErrors: whether what it wrote to standard error counts as output.
    /// - Returns: its exit code, and what it wrote.
    public static func run(
        _ name: String,
        _ arguments: [String],
        input: String = "",
        keepsErrors: Bool = true
    ) throws -> (code: Int32, output: String) {
        let process = Process()
        let (standardInput, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: find(name) ?? name)
        process.arguments = arguments
        process.standardInput = standardInput
        process.standardOutput = output
        if keepsErrors { process.standardError = output } else { process.standardError = FileHandle.nullDevice }
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
