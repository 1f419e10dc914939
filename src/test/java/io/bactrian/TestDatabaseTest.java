package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TestDatabaseTest {
    @Test
    void eachDatabaseHasTheSchemaAndNothingOfAnother() {
        try (TestDatabase one = TestDatabase.create();
                TestDatabase other = TestDatabase.create()) {
            one.jdbc().sql("create table only_here (id integer)").update();

            assertThat(tables(one)).contains("only_here", "flyway_schema_history");
            assertThat(tables(other)).contains("flyway_schema_history").doesNotContain("only_here");
        }
    }

    private static List<String> tables(TestDatabase database) {
        return database.jdbc()
                .sql("select table_name from information_schema.tables where table_schema = 'public'")
                .query(String.class)
                .list();
    }
}
