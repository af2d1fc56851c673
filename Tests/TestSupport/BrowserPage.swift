import Foundation

/// A page in a ``Browser``.
public final class BrowserPage {
    private let browser: Browser
    private let session: String

    init(_ browser: Browser, session: String, width: Int, height: Int, isDark: Bool) throws {
        self.browser = browser
        self.session = session
        for domain in ["Page", "Runtime", "Network", "Log"] { try call("\(domain).enable") }
        try call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600]
        )
        let scheme = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
        try call("Emulation.setEmulatedMedia", ["features": [scheme]])
    }

    /// Opens an address and waits until it has loaded.
    public func open(_ url: String) throws {
        try call("Page.navigate", ["url": url])
        try browser.wait(for: "Page.loadEventFired", session: session)
    }

    /// The value of an expression of JavaScript.
    public func evaluate(_ expression: String) throws -> Any? {
        let answer = try call(
            "Runtime.evaluate",
            ["expression": expression, "returnByValue": true, "awaitPromise": true]
        )
        if let trouble = answer["exceptionDetails"] { throw TestTrouble("\(trouble)") }
        return (answer["result"] as? [String: Any])?["value"]
    }

    /// Waits until an expression of JavaScript is true.
    public func wait(until expression: String, seconds: Double = 30) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while try evaluate(expression) as? Bool != true {
            guard Date() < deadline else { throw TestTrouble("never so: \(expression)") }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    /// Errors of scripts and of the page itself so far.
    public var errors: [String] {
        own.compactMap { event in
            switch event.method {
            case "Runtime.exceptionThrown": "\(event.parameters)"
            case "Log.entryAdded":
                (event.parameters["entry"] as? [String: Any]).flatMap { entry in
                    entry["level"] as? String == "error" ? "\(entry["text"] ?? "") \(entry["url"] ?? "")" : nil
                }
            default: nil
            }
        }
    }

    /// Addresses that the page has asked for, its own included.
    public var requests: [String] {
        own.filter { $0.method == "Network.requestWillBeSent" }.compactMap { event in
            (event.parameters["request"] as? [String: Any])?["url"] as? String
        }
    }

    /// Saves a picture of the whole page as PNG, or of its first `height` pixels.
    public func screenshot(_ path: String, height: Int? = nil) throws {
        let metrics = try call("Page.getLayoutMetrics")["cssContentSize"] as? [String: Any] ?? [:]
        let (width, whole) = (metrics["width"] as? Double ?? 1280, metrics["height"] as? Double ?? 900)
        let clip: [String: Any] = [
            "x": 0, "y": 0, "width": width, "height": min(whole, Double(height ?? .max)), "scale": 1,
        ]
        let answer = try call("Page.captureScreenshot", ["clip": clip, "captureBeyondViewport": true])
        guard let text = answer["data"] as? String, let data = Data(base64Encoded: text) else {
            throw TestTrouble("no picture")
        }
        try data.write(to: URL(fileURLWithPath: path))
    }

    private var own: [(session: String, method: String, parameters: [String: Any])] {
        browser.events.filter { $0.session == session }
    }

    @discardableResult
    private func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        try browser.call(method, parameters, session: session)
    }
}
