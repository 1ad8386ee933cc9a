package io.rafsd;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The plan of the house: every room, and which rooms it may use. A class outside a room, an arrow that is not in the
 * table, and a circle fail the build. Who changes the plan changes this table in the same commit and says why.
 *
 * <p>Three storeys. Ground: words and tools. Core: plain Java, no Spring. Edge: Spring, HTTP, command line. A parent
 * package holds an interface and its children implement it; who chooses among children stands above both ({@code mount},
 * {@code app}).
 */
class HouseTest {

    private static final String ROOT = "io.rafsd";

    private static final List<Room> PLAN = List.of(
            // Ground
            room("error"),
            room("stats"),
            room("linux").mayUse("error"),
            room("codec").mayUse("error"),
            room("blob").mayUse("codec", "error"),
            room("oci").mayUse("error"),
            // Storage
            room("storage.backend").mayUse("blob", "error", "stats"),
            room("storage.backend.localfs").mayUse("storage.backend", "blob", "linux", "error"),
            room("storage.backend.http").mayUse("storage.backend", "blob", "stats", "error"),
            room("storage.credentials").mayUse("error"),
            room("storage.backend.registry")
                    .mayUse(
                            "storage.backend",
                            "storage.backend.http",
                            "storage.credentials",
                            "oci",
                            "blob",
                            "stats",
                            "error"),
            room("storage.blobmeta").mayUse("storage.backend", "blob", "codec", "linux", "error"),
            room("storage.chunkmap").mayUse("blob", "linux", "error"),
            room("storage.cache")
                    .mayUse(
                            "storage.backend",
                            "storage.blobmeta",
                            "storage.chunkmap",
                            "blob",
                            "codec",
                            "linux",
                            "stats",
                            "error"),
            // The database is a library's; a daemon without one loads nothing of it.
            room("storage.dedup").mayUse("storage.cache", "codec", "error"),
            room("storage.device").mayUse("storage.backend", "storage.cache", "blob", "error"),
            // RAFS
            room("rafs.layout").mayUse("blob", "codec", "error"),
            room("rafs.layout.v5").mayUse("rafs.layout", "blob", "codec", "error"),
            room("rafs.layout.v6").mayUse("rafs.layout", "blob", "codec", "error"),
            room("rafs.metadata")
                    .mayUse(
                            "rafs.layout",
                            "rafs.layout.v5",
                            "rafs.layout.v6",
                            "filesystem",
                            "blob",
                            "codec",
                            "linux",
                            "error"),
            room("rafs.fs")
                    .mayUse(
                            "filesystem",
                            "rafs.metadata",
                            "storage.backend",
                            "storage.cache",
                            "storage.device",
                            "blob",
                            "error"),
            // What the kernel's EROFS reads: it goes by the image's own addresses, so the room knows metadata and
            // device,
            // and it is mounted in a way of its own, so the room knows the machine.
            room("erofs")
                    .mayUse(
                            "filesystem",
                            "rafs.metadata",
                            "storage.backend",
                            "storage.cache",
                            "storage.device",
                            "blob",
                            "linux",
                            "error"),
            // Filesystem and FUSE
            // A filesystem knows which mount an inode belongs to, and so where a request for it is counted.
            room("filesystem").mayUse("stats", "error"),
            room("filesystem.vfs").mayUse("filesystem", "stats", "error"),
            room("fuse").mayUse("filesystem", "linux", "error"),
            room("fuse.protocol").mayUse("filesystem", "error"),
            room("fuse.server").mayUse("fuse", "fuse.protocol", "filesystem", "stats", "error"),
            room("fuse.kernel").mayUse("fuse", "fuse.server", "fuse.protocol", "filesystem", "linux", "stats", "error"),
            room("fuse.jnr").mayUse("fuse", "fuse.server", "filesystem", "linux", "stats", "error"),
            // Images
            room("builder.tar").mayUse("rafs.layout", "error"),
            room("builder")
                    .mayUse(
                            "builder.tar",
                            // Parents, dictionaries and layers to merge are images that are read.
                            "rafs.metadata",
                            "filesystem",
                            "rafs.layout",
                            "rafs.layout.v5",
                            "rafs.layout.v6",
                            "storage.blobmeta",
                            "blob",
                            "codec",
                            "linux",
                            "error"),
            room("image")
                    .mayUse(
                            "oci",
                            "storage.backend",
                            "storage.backend.http",
                            "storage.backend.registry",
                            "storage.credentials",
                            "error"),
            room("image.pack").mayUse("image", "oci", "codec", "error"),
            room("image.local")
                    .mayUse(
                            "rafs.metadata",
                            "rafs.layout",
                            "rafs.layout.v6",
                            "filesystem",
                            "storage.backend",
                            "storage.backend.localfs",
                            "storage.blobmeta",
                            // For the names of its files alone, which are written here for a daemon elsewhere.
                            "storage.cache",
                            "blob",
                            "codec",
                            "linux",
                            "error"),
            room("demo.registry").mayUse("oci", "codec", "error"),
            // Assembly
            room("mount")
                    .mayUse(
                            "storage.backend",
                            "storage.backend.http",
                            "storage.backend.localfs",
                            "storage.backend.registry",
                            "storage.credentials",
                            "storage.blobmeta",
                            "storage.cache",
                            "storage.device",
                            "rafs.layout",
                            "rafs.metadata",
                            "rafs.fs",
                            "filesystem",
                            "filesystem.vfs",
                            "erofs",
                            "image",
                            "oci",
                            "blob",
                            "codec",
                            "stats",
                            "error"),
            // State leaves as data: bytes and descriptors, by whom who knows no daemon.
            room("upgrade").mayUse("linux", "error"),
            // Small enough to be the first process of a container: no framework, no log.
            room("supervise").mayUse("upgrade", "linux", "error"),
            room("daemon")
                    .mayUse(
                            "mount",
                            "fuse",
                            "filesystem",
                            // A successor shows every inode under the number the kernel knows.
                            "filesystem.vfs",
                            "upgrade",
                            "storage.cache",
                            "linux",
                            "stats",
                            "error"),
            room("daemon.statemachine").mayUse("daemon", "error"),
            // Edge
            // A client may name a blob whose files in the cache are to go.
            room("control")
                    .mayUse(
                            "daemon",
                            "mount",
                            "fuse",
                            "rafs.layout",
                            "storage.backend",
                            "storage.cache",
                            "blob",
                            "stats",
                            "error"),
            // What is left to a successor names the repository that a reference means.
            room("app.config")
                    .mayUse("mount", "daemon", "erofs", "fuse", "upgrade", "storage.backend", "oci", "stats", "error"),
            room("app.actuator").mayUse("daemon", "mount", "fuse", "control", "storage.cache", "blob", "error"),
            room("app.metrics").mayUse("daemon", "mount", "stats"),
            // How a log line looks and where it goes is the same for every command.
            room("app.log").mayUse("error"),
            room("app.demo").mayUse("builder", "image.pack", "demo.registry", "mount", "stats", "oci", "blob", "error"),
            // The image tools are a command line of their own, with nydus-image's name.
            room("app.cli.image")
                    .mayUse(
                            "app.demo",
                            "builder",
                            "image.local",
                            "rafs.metadata",
                            "rafs.layout",
                            "filesystem",
                            "control",
                            "codec",
                            "blob",
                            "error"),
            room("app.cli")
                    .mayUse(
                            "app.cli.image",
                            "app.log",
                            "app.demo",
                            "app.config",
                            "builder",
                            "image.pack",
                            "control",
                            "daemon",
                            "erofs",
                            "mount",
                            "fuse",
                            "storage.backend",
                            "oci",
                            "codec",
                            // Which process follows which is said on the command line.
                            "upgrade",
                            "supervise",
                            "linux",
                            "error"),
            room("app")
                    .mayUse(
                            "app.cli",
                            "app.config",
                            "app.actuator",
                            "app.metrics",
                            "app.demo",
                            "control",
                            "daemon",
                            "daemon.statemachine",
                            "mount",
                            "storage.cache",
                            "storage.dedup",
                            "storage.backend",
                            "storage.backend.http",
                            "storage.credentials",
                            "image",
                            "filesystem",
                            "fuse",
                            "upgrade",
                            "fuse.kernel",
                            "fuse.jnr",
                            "linux",
                            "stats",
                            "error"));

    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void everyArrowIsInThePlanAndEveryClassInARoom() {
        LayeredArchitecture plan =
                layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true);
        for (Room room : PLAN) {
            plan = plan.layer(room.name).definedBy(ROOT + "." + room.name);
        }
        for (Room room : PLAN) {
            plan = room.uses.isEmpty()
                    ? plan.whereLayer(room.name).mayNotAccessAnyLayer()
                    : plan.whereLayer(room.name).mayOnlyAccessLayers(room.uses.toArray(String[]::new));
        }
        plan.ensureAllClassesAreContainedInArchitecture().check(HOUSE);
    }

    @Test
    void roomsAreFreeOfCircles() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(HOUSE);
    }

    @Test
    void storeysAreFreeOfCircles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(HOUSE);
    }

    @Test
    void springStaysAtTheEdgeAndInTheStateMachine() {
        library("org.springframework..", "jakarta..").only("app..", "daemon.statemachine");
    }

    @Test
    void micrometerStaysAtTheEdge() {
        library("io.micrometer..").only("app..");
    }

    @Test
    void jacksonReadsDocumentsWhereTheyEnter() {
        library("tools.jackson..")
                .only(
                        "app..",
                        "control",
                        "oci",
                        "image..",
                        "demo.registry",
                        "storage.backend.registry",
                        "storage.credentials");
    }

    @Test
    void httpStaysInItsTransportAndTheControlServer() {
        library("org.apache.hc..").only("storage.backend.http", "control");
    }

    @Test
    void jnrStaysInItsTransport() {
        library("ru.serce..", "jnr..").only("fuse.jnr");
    }

    @Test
    void databasesStayInTheirRoom() {
        library("java.sql..", "org.sqlite..").only("storage.dedup");
    }

    @Test
    void picocliStaysInTheCommandLine() {
        library("picocli..").only("app", "app.cli", "app.cli.image", "app.demo");
    }

    @Test
    void nativeCallsStayInLinuxAndCodec() {
        noClasses()
                .that(not(resideInAnyPackage(ROOT + ".linux", ROOT + ".codec")))
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.lang\\.foreign\\.(Linker|SymbolLookup).*")
                .check(HOUSE);
    }

    private static Room room(String name) {
        return new Room(name, List.of());
    }

    private static Library library(String... packages) {
        return new Library(List.of(packages));
    }

    /** A package, by its name below the root, and the complete list of those it may use. */
    private record Room(String name, List<String> uses) {

        Room mayUse(String... rooms) {
            return new Room(name, List.of(rooms));
        }
    }

    private record Library(List<String> packages) {

        void only(String... rooms) {
            String[] allowed = Arrays.stream(rooms).map(r -> ROOT + "." + r).toArray(String[]::new);
            noClasses()
                    .that(not(resideInAnyPackage(allowed)))
                    .and(resideInAPackage(ROOT + ".."))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(packages.toArray(String[]::new))
                    .check(HOUSE);
        }
    }
}
