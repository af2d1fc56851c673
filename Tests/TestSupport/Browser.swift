import Foundation
import Glibc

/// A headless Chromium that tests look at pages with. It is spoken to over a pair of pipes in the Chrome DevTools
/// protocol; every wait has a deadline.
public final class Browser {
    /// Seconds to wait for an answer.
    private static let patience = 60.0

    /// The program, or nil where there is none.
    public static let executable = Program.find("chromium")

    private let process = Process()
    private let folder: TemporaryFolder
    private var input: CInt = -1
    private var output: CInt = -1
    private var pending = Data()
    private var lastID = 0
    /// Events that came in while an answer was waited for, with the page that they are of.
    private(set) var events: [(session: String, method: String, parameters: [String: Any])] = []

    /// Looks at pages on a thread of its own: a test that waits must not hold up those beside it.
    public static func use<Value: Sendable>(_ body: @escaping @Sendable (Browser) throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try body(Browser()) })
            }
        }
    }

    private init() throws {
        guard let executable = Self.executable else { throw TestTrouble("no chromium on PATH") }
        folder = try TemporaryFolder()
        let pipes = ["in", "out"].map(folder.path(_:))
        for pipe in pipes {
            guard unsafe mkfifo(pipe, 0o600) == 0 else { throw TestTrouble("mkfifo failed for \(pipe)") }
        }
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let flags =
            "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --hide-scrollbars "
            + "--disable-background-networking --disable-component-update --disable-sync --remote-debugging-pipe"
        process.arguments = [
            "-c", "exec \"$0\" \(flags) --user-data-dir=\"$3\" 3<\"$1\" 4>\"$2\"", executable, pipes[0], pipes[1],
            folder.path("profile"),
        ]
        // What it leaves behind lies in the folder too.
        process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path]) { $1 }
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let deadline = Date().addingTimeInterval(Self.patience)
        while input < 0 {
            input = unsafe open(pipes[0], O_WRONLY | O_NONBLOCK)
            guard Date() < deadline else { throw TestTrouble("chromium does not open its pipe") }
            if input < 0 { usleep(10_000) }
        }
        output = unsafe open(pipes[1], O_RDONLY | O_NONBLOCK)
        _ = fcntl(input, F_SETFL, 0)
    }

    deinit {
        // Told to close, it waits for its helpers, which write to the folder; killed, it leaves them behind.
        if (try? call("Browser.close")) == nil { process.terminate() }
        process.waitUntilExit()
        for descriptor in [input, output] where descriptor >= 0 { close(descriptor) }
    }

    /// Opens an empty page of a size in CSS pixels.
    public func page(width: Int, height: Int = 900, isDark: Bool = false) throws -> BrowserPage {
        let target = try call("Target.createTarget", ["url": "about:blank"])
        let attached = try call(
            "Target.attachToTarget",
            ["targetId": target["targetId"] ?? "", "flatten": true]
        )
        guard let session = attached["sessionId"] as? String else { throw TestTrouble("no session") }
        return try BrowserPage(self, session: session, width: width, height: height, isDark: isDark)
    }

    /// Calls a method and waits for its result.
    func call(_ method: String, _ parameters: [String: Any] = [:], session: String? = nil) throws -> [String: Any] {
        lastID += 1
        let id = lastID
        var message: [String: Any] = ["id": id, "method": method, "params": parameters]
        if let session { message["sessionId"] = session }
        try send(JSONSerialization.data(withJSONObject: message) + [0])
        let deadline = Date().addingTimeInterval(Self.patience)
        while true {
            let answer = try receive(before: deadline)
            guard answer["id"] as? Int == id else { continue }
            if let error = answer["error"] { throw TestTrouble("\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    /// Waits for an event of a page.
    func wait(for method: String, session: String) throws {
        let deadline = Date().addingTimeInterval(Self.patience)
        while !events.contains(where: { $0.session == session && $0.method == method }) {
            _ = try receive(before: deadline)
        }
    }

    private func send(_ data: Data) throws {
        try unsafe data.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = unsafe write(input, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
                guard count > 0 else { throw TestTrouble("chromium has ended") }
                sent += count
            }
        }
    }

    /// The next message; events are kept.
    private func receive(before deadline: Date) throws -> [String: Any] {
        while true {
            if let end = pending.firstIndex(of: 0) {
                let text = pending[pending.startIndex..<end]
                let message = try JSONSerialization.jsonObject(with: text) as? [String: Any] ?? [:]
                pending = Data(pending[(end + 1)...])
                if let method = message["method"] as? String {
                    let session = message["sessionId"] as? String ?? ""
                    events.append((session, method, message["params"] as? [String: Any] ?? [:]))
                }
                return message
            }
            guard Date() < deadline else { throw TestTrouble("chromium does not answer") }
            var poll = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            _ = unsafe Glibc.poll(&poll, 1, 100)
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = unsafe read(output, &buffer, buffer.count)
            if count > 0 { pending.append(contentsOf: buffer[..<count]) }
        }
    }
}
