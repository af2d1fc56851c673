import Basics
import Foundation
import TestSupport
import Testing

@Suite("Files and folders")
struct FileTests {
    /// A folder of its own for one test, with folders in it.
    private static func inFolder(_ body: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        try Folder.makeAll(folder.path("a/b"))
        try body(folder.path)
    }

    @Test func aFileAppearsWhenItIsWhole() throws {
        try Self.inFolder { folder in
            let path = folder + "/x"
            try AtomicFile.write("old", to: path)
            do {
                var file = try AtomicFile(path: path)
                try file.append("half")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a", "x"])
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
            try AtomicFile.write(String(repeating: "new", count: 100_000), to: path)
            #expect(try String(contentsOfFile: path, encoding: .utf8).count == 300_000)
        }
    }

    @Test func valuesAreWrittenAtTheirPlaces() throws {
        try Self.inFolder { folder in
            let path = folder + "/x"
            let file = try AtomicFile(path: path, temporary: folder + "/.x", isDurable: false)
            try file.extend(to: 6)
            try file.write([UInt16(0x6261)], at: 4)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [".x", "a"])
            try file.commit()
            #expect(FileManager.default.contents(atPath: path) == Data([0, 0, 0, 0, 0x61, 0x62]))
        }
    }

    @Test func aFullDiskIsSaid() throws {
        try Self.inFolder { folder in
            let partial = folder + "/x.partial"
            try FileManager.default.createSymbolicLink(atPath: partial, withDestinationPath: "/dev/full")
            let error = FileError("write", partial, reason: "No space left on device")
            #expect(throws: error) { try AtomicFile.write("a", to: folder + "/x") }
            try FileManager.default.createSymbolicLink(atPath: partial, withDestinationPath: "/dev/full")
            #expect(throws: error) { try AtomicFile(path: folder + "/x").write([1], at: 0) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
        }
    }

    @Test func whatWasTriedAndWhyItFailedIsSaid() throws {
        try Self.inFolder { folder in
            let error = FileError("create", "\(folder)/none/x.partial", reason: "No such file or directory")
            #expect(throws: error) { try AtomicFile.write("", to: "\(folder)/none/x") }
            #expect("\(error)" == "cannot create '\(folder)/none/x.partial': No such file or directory")
            #expect(throws: FileError("create folder", folder + "/a", reason: "File exists")) {
                try Folder.make(folder + "/a")
            }
        }
    }

    @Test func aFolderIsKeptByOne() throws {
        try Self.inFolder { folder in
            func isFree() throws -> Bool {
                let lock = try FolderLock.take(folder)
                return lock != nil
            }
            do {
                let lock = try FolderLock.take(folder)
                let (isTaken, isFree) = (lock != nil, try isFree())
                #expect(isTaken && !isFree)
            }
            #expect(try isFree())
        }
    }

    @Test(arguments: [("a/b", "a"), ("a", "."), ("/a", "/"), ("/a/b/c", "/a/b")])
    func everyFileLiesInAFolder(path: String, folder: String) {
        #expect(Folder.of(path) == folder)
    }
}
