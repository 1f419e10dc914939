package io.bactrian.places.google;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class MapCellTest {

    @Test
    void theQuartersCoverThePartAndNoMore() {
        MapCell cell = requireNonNull(MapCell.inUrl("https://x.example/maps/search/a/@53.5,2.5,12z/data=!3m1", 0));

        List<MapCell> quarters = cell.quarters(1280, 720);

        double world = 256 * Math.pow(2, 12);
        assertThat(quarters).hasSize(4).allSatisfy(quarter -> {
            assertThat(quarter.zoom()).isEqualTo(13);
            assertThat(quarter.depth()).isEqualTo(1);
            assertThat(Math.abs(quarter.longitude() - 2.5)).isCloseTo(320 / world * 360, within(1e-9));
            assertThat(Math.abs(mercator(quarter.latitude()) - mercator(53.5)))
                    .isCloseTo(180 / world * 2 * Math.PI, within(1e-9));
        });
        assertThat(quarters.stream().map(MapCell::key)).doesNotHaveDuplicates();
    }

    @Test
    void aPartIsKnownByItsKeyAgain() {
        MapCell cell = new MapCell(2, -33.8688197, 151.2092955, 14.5);

        assertThat(cell.key()).isEqualTo("cell 2 @-33.8688197,151.2092955,14.50z");
        assertThat(MapCell.ofKey(cell.key())).isEqualTo(cell);
        assertThat(MapCell.ofKey("search")).isNull();
    }

    @Test
    void whatIsNoPartOfTheMapIsNone() {
        assertThat(MapCell.inUrl("https://x.example/maps/@52.5,13.4,3281a,13.1y", 0))
                .isNull();
        assertThat(MapCell.inUrl("https://x.example/maps/@99,13.4,12z", 0)).isNull();
        assertThat(MapCell.inUrl("https://x.example/maps/@1,1,99z", 0)).isNull();
        assertThat(MapCell.inUrl("https://x.example/maps/search/coffee", 0)).isNull();
    }

    @Test
    void atTheEdgesOfTheWorldQuartersStayOnIt() {
        assertThat(new MapCell(0, 84.9, 179.9, 3).quarters(1280, 720)).allSatisfy(quarter -> {
            assertThat(quarter.latitude()).isBetween(-85.0, 85.0);
            assertThat(quarter.longitude()).isBetween(-180.0, 180.0);
        });
    }

    private static double mercator(double latitude) {
        return Math.log(Math.tan(Math.PI / 4 + Math.toRadians(latitude) / 2));
    }
}
