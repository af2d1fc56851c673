import Foundation
import TestSupport

extension TemporaryFolder {
    /// Writes an executable shell script and returns its path.
    func script(_ lines: String) throws -> String {
        let file = try write("#!/bin/sh\n\(lines)\n", as: "script")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file)
        return file
    }
}
