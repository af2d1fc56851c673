import Foundation
import Runtime

/// The program that is running.
enum Executable {
    /// Its path.
    static func path() throws(RuntimeError) -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw .local("cannot find the path of this program: \(error.localizedDescription)")
        }
    }
}
