package dev.sluice.bench.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Paint;
import java.awt.Rectangle;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.StandardChartTheme;
import org.jfree.chart.plot.DefaultDrawingSupplier;
import org.jfree.svg.SVGGraphics2D;

/** What all charts look like. */
final class Drawing {
    static final Color OURS = new Color(0x1B6CA8);
    static final Color THEIRS = new Color(0xA9B4BE);

    private static final StandardChartTheme THEME = theme();

    private Drawing() {}

    static String svg(JFreeChart chart, int width, int height) {
        THEME.apply(chart);
        var graphics = new SVGGraphics2D(width, height);
        chart.draw(graphics, new Rectangle(width, height));
        return graphics.getSVGElement();
    }

    private static StandardChartTheme theme() {
        var theme = new StandardChartTheme("plain");
        theme.setPlotBackgroundPaint(Color.WHITE);
        theme.setChartBackgroundPaint(Color.WHITE);
        theme.setDomainGridlinePaint(Color.LIGHT_GRAY);
        theme.setRangeGridlinePaint(Color.LIGHT_GRAY);
        theme.setShadowVisible(false);
        theme.setExtraLargeFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
        theme.setLargeFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        theme.setRegularFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        theme.setDrawingSupplier(new DefaultDrawingSupplier(
                new Paint[] {OURS, THEIRS},
                DefaultDrawingSupplier.DEFAULT_OUTLINE_PAINT_SEQUENCE,
                DefaultDrawingSupplier.DEFAULT_STROKE_SEQUENCE,
                DefaultDrawingSupplier.DEFAULT_OUTLINE_STROKE_SEQUENCE,
                DefaultDrawingSupplier.DEFAULT_SHAPE_SEQUENCE));
        return theme;
    }
}
