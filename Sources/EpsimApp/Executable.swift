import Dispatch
import Foundation
import Runtime

/// The program that is running.
enum Executable {
    /// The absolute path of the program.
    static func path() throws(RuntimeError) -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw .local("cannot find the path of this program: \(error.localizedDescription)")
        }
    }
}

/// A watch on the parent process, which ends a run in order when the parent is gone.
public final class ParentWatch {
    private static let period = 0.5

    private let timer: any DispatchSourceTimer

    /// Watch from now on, for as long as this value is kept.
    ///
    /// - Parameter parent: the id of the parent process.
    public init(parent: Int32) {
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
