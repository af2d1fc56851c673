import Dispatch
import Foundation
import Runtime

/// The executable file of this epsim process.
enum Executable {
    /// Return the absolute path of the epsim program that is running.
    static func path() throws(RuntimeError) -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw .local("cannot find the path of this program: \(error.localizedDescription)")
        }
    }
}

/// A watch on the parent process: once the parent is gone, this process ends its run as if a person had asked for it.
final class ParentWatch {
    private static let period = 0.5

    private let timer: any DispatchSourceTimer

    /// Watch from now on, for as long as this value is kept.
    ///
    /// - Parameter parent: the id of the parent process.
    init(parent: Int32) {
        timer = DispatchSource.makeTimerSource(queue: .global())
        timer.setEventHandler {
            // To itself: the run then ends as it does when a person ends it.
            if getppid() != parent { kill(getpid(), SIGTERM) }
        }
        timer.schedule(deadline: .now(), repeating: Self.period)
        timer.resume()
    }

    deinit {
        timer.cancel()
    }
}
