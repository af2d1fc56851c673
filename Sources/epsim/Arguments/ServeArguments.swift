import ArgumentParser
import EpsimApp
import Monitor

/// The arguments for watching a run over HTTP.
struct ServeArguments: ParsableArguments {
    /// The longest time that a run is served after its end, in seconds: a week.
    private static let longest = 604_800.0

    @Flag(help: "Serve the run while it lasts: a page, /state.json, and /metrics for Prometheus.") var serve = false
    @Option(help: "Port of --serve; 0 lets the system choose.") var port: Int?

    @Option(help: "Address to serve at, for other machines; a token is needed then (default: 127.0.0.1).")
    var serveHost: String?

    @Option(help: "File with the token to ask for; without it, --serve-host makes one and prints it.")
    var serveTokenFile: String?

    @Option(help: "Seconds to keep serving after the run has ended; Ctrl-C ends it.") var serveSeconds: Double?

    func validate() throws {
        let others = [
            ("--port", port != nil), ("--serve-host", serveHost != nil), ("--serve-token-file", serveTokenFile != nil),
            ("--serve-seconds", serveSeconds != nil),
        ]
        if !serve, let (name, _) = others.first(where: \.1) { throw ValidationError("\(name) needs --serve") }
        if let seconds = serveSeconds, !(0...Self.longest).contains(seconds) {
            throw ValidationError("--serve-seconds \(seconds): 0 to \(Int(Self.longest)) are allowed")
        }
        do { _ = try address() } catch { throw ValidationError("\(error)") }
    }

    private func address() throws(MonitorError) -> ServeAddress {
        try ServeAddress(host: serveHost ?? "127.0.0.1", port: port ?? 0)
    }

    /// The options for serving a run.
    func options() throws(MonitorError) -> ServeOptions {
        var options = ServeOptions(address: try address())
        (options.isServed, options.tokenFile, options.seconds) = (serve, serveTokenFile, serveSeconds ?? 0)
        return options
    }
}
