# Sourced by scripts that run classes of this module, from the root of the project: builds them, unless NOBUILD is set, and
# sets $java, $flags and $classpath.
java="$(bin/jdk25)/bin/java"
flags=$(sed -n 's:.*<jvm.flags>\(.*\)</jvm.flags>.*:\1:p' pom.xml)
[ -n "${NOBUILD:-}" ] || mvn -B -q -pl core,sandbox,llm,benchmarks package dependency:build-classpath -Dquick \
    -DskipTests -Dmdep.outputFile=target/classpath -Dmdep.includeScope=runtime
classpath=benchmarks/target/classes:llm/target/classes:core/target/classes:$(cat benchmarks/target/classpath)
export OPENBLAS_NUM_THREADS=1 OMP_WAIT_POLICY=passive
